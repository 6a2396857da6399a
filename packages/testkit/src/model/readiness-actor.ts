import {
  type Driver,
  formatPollEvents,
  InterestSlot,
  Pending,
  type PollEvents,
  type PollFdReady,
  type RawFd,
} from '@polyring/core';
import type { Actor, Stage } from './actor.js';
import type { End } from './content.js';
import type { ReadinessName } from './step.js';
import { Waiter } from './waiter.js';

const SLOTS = [InterestSlot.Read, InterestSlot.Write] as const;
const SLOT_NAMES = ['Read', 'Write'] as const;

/** The questions that a readiness object asks its source's model. */
export interface WatchModel {
  watch(slot: string, end: End): void;
  unwatch(slot: string): void;
  clear(slot: string): void;
  polled(slot: string, events: PollEvents, answer: PollEvents | typeof Pending): void;
  silent(slot: string, events: PollEvents, what: string): void;
}

/** A readiness object in a program. */
export class ReadinessActor implements Actor {
  readonly waiters: readonly [Waiter, Waiter];
  readonly #stage: Stage;
  readonly #model: WatchModel;
  readonly #registration: PollFdReady;
  readonly #events: [PollEvents, PollEvents] = [0, 0];

  constructor(name: ReadinessName, driver: Driver, fd: RawFd, end: End, model: WatchModel, stage: Stage) {
    this.#stage = stage;
    this.#model = model;
    this.waiters = [new Waiter(`${name} ${SLOT_NAMES[0]}`), new Waiter(`${name} ${SLOT_NAMES[1]}`)];
    this.#registration = stage.guard.call(`newDynFdReady for ${name}`, () => driver.newDynFdReady(fd));
    for (const { name } of this.waiters) model.watch(name, end);
  }

  poll(slot: InterestSlot, events: PollEvents, reaction?: () => void): void {
    const { trace, guard } = this.#stage;
    const waiter = this.waiters[slot];
    const step = trace.step(`poll ${waiter.name} for ${formatPollEvents(events)}`);
    const waker = guard.waker(waiter, step, reaction);
    const answer = guard.call('pollFdReady', () => this.#registration.pollFdReady(waker, slot, events));
    trace.answer(answer === Pending ? 'Pending' : formatPollEvents(answer));
    this.#events[slot] = events;
    waiter.answered(answer === Pending);
    this.#model.polled(waiter.name, events, answer);
  }

  clear(slot: InterestSlot): void {
    const { trace, guard } = this.#stage;
    const { name } = this.waiters[slot];
    trace.step(`clear ${name}`);
    guard.call('clearFdReady', () => this.#registration.clearFdReady(slot));
    this.#model.clear(name);
  }

  /** Polls every slot that was polled and is not pending: what it was told is kept. */
  pollAgain(): void {
    for (const slot of SLOTS) {
      const { polled, pending } = this.waiters[slot];
      if (polled && !pending) this.poll(slot, this.#events[slot]);
    }
  }

  /** Clears every slot that was polled, and polls it as before. */
  clearAndPoll(): void {
    for (const slot of SLOTS) {
      if (!this.waiters[slot].polled) continue;
      this.clear(slot);
      this.poll(slot, this.#events[slot]);
    }
  }

  checkSilent(): void {
    for (const slot of SLOTS) {
      const { silent, name, step } = this.waiters[slot];
      if (silent) this.#model.silent(name, this.#events[slot], `${name} was not woken after step ${step}`);
    }
  }

  pollWoken(): void {
    for (const slot of SLOTS) if (this.waiters[slot].woken) this.poll(slot, this.#events[slot]);
  }

  dispose(): void {
    const { guard } = this.#stage;
    guard.call('dispose', () => this.#registration[Symbol.dispose]());
    for (const waiter of this.waiters) {
      waiter.dispose();
      this.#model.unwatch(waiter.name);
    }
    guard.refused('pollFdReady', () => this.#registration.pollFdReady(() => {}, InterestSlot.Read, 0));
  }
}
