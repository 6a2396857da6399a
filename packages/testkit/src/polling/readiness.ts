import assert from 'node:assert/strict';
import {
  ALWAYS_REPORTED,
  type Driver,
  formatPollEvents,
  type InterestSlot,
  type Poll,
  type PollEvents,
  type RawFd,
  type Waker,
} from '@polyring/core';
import { ready } from './ready.js';

/** The readiness of a descriptor or of a socket, under one set of names, so that one check judges both parts. */
export interface Readiness extends Disposable {
  poll(waker: Waker, slot: InterestSlot, events: PollEvents): Poll<PollEvents>;
  clear(slot: InterestSlot, drained?: boolean): void;
}

/** Registers a descriptor with one of a driver's two readiness parts. */
export type Register = (driver: Driver, fd: RawFd) => Readiness;

/** Registers with `newDynFdReady`. */
export const registerFd: Register = (driver, fd) => {
  const registration = driver.newDynFdReady(fd);
  return {
    poll: (waker, slot, events) => registration.pollFdReady(waker, slot, events),
    clear: (slot, drained) => registration.clearFdReady(slot, drained),
    [Symbol.dispose]: () => registration[Symbol.dispose](),
  };
};

/** Registers with `newDynSocketReady`. */
export const registerSocket: Register = (driver, socket) => {
  const registration = driver.newDynSocketReady(socket);
  return {
    poll: (waker, slot, events) => registration.pollSocketReady(waker, slot, events),
    clear: (slot, drained) => registration.clearSocketReady(slot, drained),
    [Symbol.dispose]: () => registration[Symbol.dispose](),
  };
};

/** Polls a slot until it is ready, and holds the answer to what was asked for. */
export async function readyFor(readiness: Readiness, slot: InterestSlot, events: PollEvents): Promise<PollEvents> {
  const answer = await ready((waker) => readiness.poll(waker, slot, events));
  assert.ok(answer !== 0, 'a poll is ready with no event');
  const foreign = answer & ~(events | ALWAYS_REPORTED);
  assert.ok(foreign === 0, `asked for ${formatPollEvents(events)}, told of ${formatPollEvents(foreign)}`);
  return answer;
}
