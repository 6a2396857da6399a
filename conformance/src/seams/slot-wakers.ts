import { type InterestSlot, Pending, type Poll, type PollEvents, type Waker } from '@polyring/core';
import type { Readiness } from './parts.js';

/** The wakers of the two slots of a readiness object, for a change that decides who is woken. */
export class SlotWakers {
  readonly #readiness: Readiness;
  readonly #woken: (slot: InterestSlot) => void;
  readonly #wakers = new Map<InterestSlot, Waker>();

  /** @param woken called in the drain when a slot is to be woken. By default it is. */
  constructor(readiness: Readiness, woken?: (slot: InterestSlot) => void) {
    this.#readiness = readiness;
    this.#woken = woken ?? ((slot) => this.wake(slot));
  }

  /** Whether a slot has a waiter. */
  waiting(slot: InterestSlot): boolean {
    return this.#wakers.has(slot);
  }

  poll(waker: Waker, slot: InterestSlot, events: PollEvents): Poll<PollEvents> {
    const answer = this.#readiness.poll(() => this.#woken(slot), slot, events);
    if (answer === Pending) this.#wakers.set(slot, waker);
    else this.#wakers.delete(slot);
    return answer;
  }

  /** Takes a slot's waiter and wakes it. */
  wake(slot: InterestSlot): void {
    const waker = this.#wakers.get(slot);
    this.#wakers.delete(slot);
    waker?.();
  }

  /** Takes a slot's waiter and does not wake it. */
  forget(slot: InterestSlot): void {
    this.#wakers.delete(slot);
  }
}
