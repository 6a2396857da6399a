import { after, checkWaker, type Driver, Pending, type Poll, type Referenced, type Waker } from '@polyring/core';
import type { Change } from '../seams/change.js';
import { overlay } from '../seams/overlay.js';
import { inDrivers } from '../seams/parts.js';
import { type GoBetween, pollWaitThrough } from './go-betweens.js';

/** Wakes a waiter some milliseconds later than its object does, by a timer of the same driver. */
class Later implements GoBetween {
  readonly #driver: Driver;
  readonly #object: Referenced;
  readonly #delay: number;
  #timer: Disposable | undefined;

  constructor(driver: Driver, object: Referenced, delay: number) {
    this.#driver = driver;
    this.#object = object;
    this.#delay = delay;
  }

  poll<T>(waker: Waker, poll: (waker: Waker) => Poll<T>): Poll<T> {
    const answer = poll(() => this.#wake(waker));
    this.end();
    return answer;
  }

  end(): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
  }

  #wake(waker: Waker): void {
    if (this.#driver.closed) {
      waker();
      return;
    }
    // A second wake for nothing: the first one is on its way, or was told.
    if (this.#timer !== undefined) return;
    const timer = this.#driver.newDynTimer();
    this.#timer = timer;
    if (!this.#object.hasRef()) timer.unref();
    if (timer.pollTimer(waker, after(this.#delay)) !== Pending) waker();
  }
}

/** Milliseconds by which the wakes of each kind of object are late. Descriptors and timers are in time. */
const LATE = { socket: 4, wait: 2 } as const;

/** Each kind of object wakes by a mechanism of its own, of which some are slower: a later event may wake first. */
export const unevenKinds: Change = inDrivers((driver) => ({
  newDynSocketReady: (fd) => {
    const socket = driver.newDynSocketReady(fd);
    const slots = [new Later(driver, socket, LATE.socket), new Later(driver, socket, LATE.socket)] as const;
    return overlay(socket, {
      pollSocketReady: (waker, slot, events) => {
        checkWaker(waker);
        const later = slots[slot];
        // Refuses a slot that is none.
        if (later === undefined) return socket.pollSocketReady(waker, slot, events);
        return later.poll(waker, (each) => socket.pollSocketReady(each, slot, events));
      },
      [Symbol.dispose]: () => {
        for (const later of slots) later.end();
        socket[Symbol.dispose]();
      },
    });
  },
  newDynWait: (fd, readSize) => {
    const wait = driver.newDynWait(fd, readSize);
    const later = new Later(driver, wait, LATE.wait);
    return overlay(wait, {
      pollWait: (waker) => pollWaitThrough(later, waker, (each) => wait.pollWait(each)),
      pollCancelWait: (waker) => pollWaitThrough(later, waker, (each) => wait.pollCancelWait(each)),
      [Symbol.dispose]: () => {
        later.end();
        wait[Symbol.dispose]();
      },
    });
  },
}));
