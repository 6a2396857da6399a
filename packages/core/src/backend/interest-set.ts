import { Pending, type Poll, type Waker } from '../values/poll.js';
import { ALWAYS_REPORTED, InterestSlot, PollEvents } from '../values/poll-events.js';
import { checkWaker, WakerCell } from './waker-cell.js';

/** Beside the events that a slot's waiter wants: it was told of RDHUP. */
const TOLD_RDHUP = 1 << 29;

/** One slot: what its waiter wants, what was reported since the last clear, and whom to wake. */
class Interest extends WakerCell {
  ready: PollEvents = 0;
  #wanted: PollEvents = 0;

  /**
   * What the waiter wants. A waiter for OUT that was told of RDHUP waits without it: the state lasts, so a
   * writer whose peer only reads any more would be woken by it at once, again and again, until it may write.
   */
  get wanted(): PollEvents {
    const told = (this.#wanted & TOLD_RDHUP) !== 0 && (this.#wanted & PollEvents.OUT) !== 0;
    return this.#wanted & (told ? ~(TOLD_RDHUP | PollEvents.RDHUP) : ~TOLD_RDHUP);
  }

  set wanted(events: PollEvents) {
    this.#wanted = events | (this.#wanted & TOLD_RDHUP);
  }

  deliver(events: PollEvents): void {
    this.ready |= events;
    if ((events & this.wanted) === 0) return;
    if ((events & PollEvents.RDHUP) !== 0) this.#wanted |= TOLD_RDHUP;
    this.wake();
  }

  /** As {@link deliver}, where a waiter wants one of the events; otherwise nothing, and false. */
  deliverWanted(events: PollEvents): boolean {
    if (!this.waiting || (events & this.wanted) === 0) return false;
    this.deliver(events);
    return true;
  }
}

/**
 * The two waiters of a readiness object: interest, cached readiness and waker of each.
 *
 * The set decides who is woken; how the kernel is asked stays with the backend.
 */
export class InterestSet {
  #read: Interest | undefined;
  #write: Interest | undefined;

  /** Whether a slot has a waiter. */
  waiting(slot: InterestSlot): boolean {
    return InterestSet.#find(this, slot)?.waiting === true;
  }

  /** Whether any slot has a waiter. */
  get anyWaiting(): boolean {
    return this.#read?.waiting === true || this.#write?.waiting === true;
  }

  /** What a slot's waiter wants, HUP, ERR and RDHUP included; 0 without a waiter. */
  wanted(slot: InterestSlot): PollEvents {
    const interest = InterestSet.#find(this, slot);
    return interest?.waiting ? interest.wanted : 0;
  }

  /** What the waiters of both slots want together. */
  get wantedByAny(): PollEvents {
    return this.wanted(0) | this.wanted(1);
  }

  /**
   * Answers from the cache, or registers the waiter.
   *
   * @throws ERR_INVALID_ARG_TYPE for a waker that is none; the earlier waiter stays
   */
  poll(slot: InterestSlot, waker: Waker, events: PollEvents): Poll<PollEvents> {
    const interest = InterestSet.#get(this, slot);
    const wanted = events | ALWAYS_REPORTED;
    const ready = interest.ready & wanted;
    if (ready !== 0) {
      checkWaker(waker);
      interest.clear();
      return ready;
    }
    interest.set(waker);
    interest.wanted = wanted;
    return Pending;
  }

  /** The waker of a slot's waiter. */
  waker(slot: InterestSlot): Waker | undefined {
    return InterestSet.#find(this, slot)?.waker;
  }

  /** Withdraws a slot's waiter, whose poll throws because nothing can be asked of the kernel. */
  withdraw(slot: InterestSlot): void {
    InterestSet.#find(this, slot)?.clear();
  }

  /** Forgets what was reported to a slot. */
  clear(slot: InterestSlot): void {
    const interest = InterestSet.#find(this, slot);
    if (interest !== undefined) interest.ready = 0;
  }

  /** Keeps reported events for one slot and wakes its waiter if it wanted one of them. For the drain only. */
  deliver(slot: InterestSlot, events: PollEvents): void {
    InterestSet.#get(this, slot).deliver(events);
  }

  /**
   * Keeps reported events for each slot whose waiter wants one of them, and wakes it. Other slots keep nothing. For the
   * drain only.
   *
   * @returns whether there was such a waiter
   */
  deliverWanted(events: PollEvents): boolean {
    const toReader = this.#read?.deliverWanted(events) === true;
    // The reader's waker may have changed who waits to write.
    const toWriter = this.#write?.deliverWanted(events) === true;
    return toReader || toWriter;
  }

  /** Wakes every waiter without an event, so that its next poll sees an error. For the drain only. */
  wakeAll(): void {
    this.#read?.wake();
    this.#write?.wake();
  }

  /** Withdraws every waiter and forgets everything. */
  dispose(): void {
    for (const interest of [this.#read, this.#write]) {
      if (interest === undefined) continue;
      interest.clear();
      interest.ready = 0;
    }
  }

  /** These are static, as private methods would cost each set a word more. */
  static #find(set: InterestSet, slot: InterestSlot): Interest | undefined {
    return slot === InterestSlot.Read ? set.#read : set.#write;
  }

  /** A slot is made when it is first used: most objects are waited for in one direction, and there may be many of them. */
  static #get(set: InterestSet, slot: InterestSlot): Interest {
    if (slot === InterestSlot.Read) {
      set.#read ??= new Interest();
      return set.#read;
    }
    set.#write ??= new Interest();
    return set.#write;
  }
}
