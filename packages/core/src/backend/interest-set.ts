import { Pending, type Poll, type Waker } from '../values/poll.js';
import { ALWAYS_REPORTED, type InterestSlot, type PollEvents } from '../values/poll-events.js';
import { WakerCell } from './waker-cell.js';

/** One slot: what its waiter wants, what was reported since the last clear, and whom to wake. */
class Interest {
  wanted: PollEvents = 0;
  ready: PollEvents = 0;
  readonly waker = new WakerCell();
}

/**
 * The two waiters of a readiness object: interest, cached readiness and waker of each.
 *
 * The set decides who is woken; how the kernel is asked stays with the backend.
 */
export class InterestSet {
  readonly #slots = [new Interest(), new Interest()] as const;

  /** Whether a slot has a waiter. */
  waiting(slot: InterestSlot): boolean {
    return this.#slots[slot].waker.waiting;
  }

  /** Whether any slot has a waiter. */
  get anyWaiting(): boolean {
    return this.waiting(0) || this.waiting(1);
  }

  /** What a slot's waiter wants, HUP, ERR and RDHUP included; 0 without a waiter. */
  wanted(slot: InterestSlot): PollEvents {
    const interest = this.#slots[slot];
    return interest.waker.waiting ? interest.wanted : 0;
  }

  /** What the waiters of both slots want together. */
  get wantedByAny(): PollEvents {
    return this.wanted(0) | this.wanted(1);
  }

  /** Answers from the cache, or registers the waiter. */
  poll(slot: InterestSlot, waker: Waker, events: PollEvents): Poll<PollEvents> {
    const interest = this.#slots[slot];
    const wanted = events | ALWAYS_REPORTED;
    const ready = interest.ready & wanted;
    if (ready !== 0) {
      interest.waker.clear();
      return ready;
    }
    interest.wanted = wanted;
    interest.waker.set(waker);
    return Pending;
  }

  /** Forgets what was reported to a slot. */
  clear(slot: InterestSlot): void {
    this.#slots[slot].ready = 0;
  }

  /** Keeps reported events for one slot and wakes its waiter if it wanted one of them. For the drain only. */
  deliver(slot: InterestSlot, events: PollEvents): void {
    const interest = this.#slots[slot];
    interest.ready |= events;
    if ((events & interest.wanted) !== 0) interest.waker.wake();
  }

  /** Keeps reported events for both slots and wakes those that wanted one of them. For the drain only. */
  deliverToAll(events: PollEvents): void {
    this.#slots[0].ready |= events;
    this.#slots[1].ready |= events;
    for (const interest of this.#slots) {
      if ((events & interest.wanted) !== 0) interest.waker.wake();
    }
  }

  /** Wakes every waiter without an event, so that its next poll sees an error. For the drain only. */
  wakeAll(): void {
    for (const interest of this.#slots) interest.waker.wake();
  }

  /** Withdraws every waiter and forgets everything. */
  dispose(): void {
    for (const interest of this.#slots) {
      interest.waker.clear();
      interest.ready = 0;
    }
  }
}
