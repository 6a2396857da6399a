import { Pending, type Poll, type Waker } from '../values/poll.js';
import { ALWAYS_REPORTED, type InterestSlot, PollEvents } from '../values/poll-events.js';
import { WakerCell } from './waker-cell.js';

/** One slot: what its waiter wants, what was reported since the last clear, and whom to wake. */
class Interest {
  ready: PollEvents = 0;
  readonly waker = new WakerCell();
  #wanted: PollEvents = 0;
  #toldRdhup = false;

  /**
   * What the waiter wants. A waiter for OUT that was told of RDHUP waits without it: the state lasts, so a
   * writer whose peer only reads any more would be woken by it at once, again and again, until it may write.
   */
  get wanted(): PollEvents {
    return this.#toldRdhup && (this.#wanted & PollEvents.OUT) !== 0 ? this.#wanted & ~PollEvents.RDHUP : this.#wanted;
  }

  set wanted(events: PollEvents) {
    this.#wanted = events;
  }

  deliver(events: PollEvents): void {
    this.ready |= events;
    if ((events & this.wanted) === 0) return;
    if ((events & PollEvents.RDHUP) !== 0) this.#toldRdhup = true;
    this.waker.wake();
  }
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
    this.#slots[slot].deliver(events);
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
