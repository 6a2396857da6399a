import type { InterestSlot, Poll, PollEvents, PollFdReady, PollSocketReady, PollWait, Waker } from '@polyring/core';

/** What a broken driver gives out for a descriptor that it should have refused: always ready, or always an error. */
export class StandIn implements PollFdReady, PollSocketReady, PollWait {
  readonly value = 0n;
  readonly #error: unknown;

  /** @param error what every poll throws; none if left out */
  constructor(error?: unknown) {
    this.#error = error;
  }

  pollFdReady(_waker: Waker, _slot: InterestSlot, events: PollEvents): Poll<PollEvents> {
    return this.#answer(events);
  }

  pollSocketReady(_waker: Waker, _slot: InterestSlot, events: PollEvents): Poll<PollEvents> {
    return this.#answer(events);
  }

  pollWait(): Poll<undefined> {
    return this.#answer(undefined);
  }

  pollCancelWait(): Poll<boolean> {
    return this.#answer(false);
  }

  clearFdReady(): void {}

  clearSocketReady(): void {}

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  hasRef(): boolean {
    return true;
  }

  [Symbol.dispose](): void {}

  #answer<T>(answer: T): T {
    if (this.#error !== undefined) throw this.#error;
    return answer;
  }
}
