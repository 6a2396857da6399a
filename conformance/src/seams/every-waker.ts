import type { Waker } from '@polyring/core';

/** A waiter that calls, along with its latest waker, those that were replaced. */
export class EveryWaker {
  readonly #wakers = new Set<Waker>();

  /** Adds a waker, and returns the one to poll with. */
  add(waker: Waker): Waker {
    this.#wakers.add(waker);
    return this.#wake;
  }

  readonly #wake = (): void => {
    for (const waker of this.#wakers) waker();
    this.#wakers.clear();
  };
}
