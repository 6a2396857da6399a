import {
  Activity,
  ALWAYS_REPORTED,
  checkInteger,
  checkPollEvents,
  disposedError,
  InterestSet,
  InterestSlot,
  type Poll,
  PollEvents,
  type PollFdReady,
  type PollSocketReady,
  type RawFd,
  type Waker,
} from '@polyring/core';
import type { DriverContext } from '../driver-context.js';
import type { Member, Registration } from '../registration.js';

/** No slot is known to be drained. */
const NEVER = -1;

/** One number for a slot and the events that a registration has had. */
function drainedAt(slot: InterestSlot, { events }: Registration): number {
  return 2 * events + slot;
}

/** Whether a slot waits for nothing but what it can drain. */
function isFlow(slot: InterestSlot, wanted: PollEvents): boolean {
  return (wanted & ~ALWAYS_REPORTED) === (slot === InterestSlot.Read ? PollEvents.IN : PollEvents.OUT);
}

/** The readiness of one descriptor, of a socket as well: two waiters of one registration. */
export class EpollReadiness extends Activity implements PollFdReady, PollSocketReady, Member {
  readonly #driver: DriverContext;
  readonly #interest = new InterestSet();
  readonly #registration: Registration;
  /** The slot that was drained last, and how many events the registration had had then: {@link drainedAt}. */
  #drained = NEVER;

  constructor(fd: RawFd, driver: DriverContext) {
    super(driver.hold);
    this.#driver = driver;
    this.#registration = driver.set.join(fd, this);
  }

  pollFdReady(waker: Waker, slot: InterestSlot, events: PollEvents): Poll<PollEvents> {
    return this.#poll(waker, slot, events);
  }

  pollSocketReady(waker: Waker, slot: InterestSlot, events: PollEvents): Poll<PollEvents> {
    return this.#poll(waker, slot, events);
  }

  clearFdReady(slot: InterestSlot, drained = false): void {
    this.#clear(slot, drained);
  }

  clearSocketReady(slot: InterestSlot, drained = false): void {
    this.#clear(slot, drained);
  }

  get wanted(): PollEvents {
    return this.#interest.wantedByAny;
  }

  deliver(events: PollEvents): boolean {
    const woken = this.#interest.deliverWanted(events);
    if (woken) this.active = this.#interest.anyWaiting;
    return woken;
  }

  wakeAll(): void {
    this.#interest.wakeAll();
    this.active = this.#interest.anyWaiting;
  }

  [Symbol.dispose](): void {
    if (!this.end()) return;
    this.#interest.dispose();
    this.active = false;
    this.#driver.set.leave(this.#registration, this);
  }

  #poll(waker: Waker, slot: InterestSlot, events: PollEvents): Poll<PollEvents> {
    this.#check();
    checkInteger(slot, 'slot', 0, 1);
    checkPollEvents(events);
    const before = this.#interest.wanted(slot);
    const ready = this.#interest.poll(slot, waker, events);
    // Not compared with `Pending`, as that would be a call.
    if (typeof ready === 'number') {
      this.active = this.#interest.anyWaiting;
      return ready;
    }
    // What a waiter waited for already is armed: any edge since would have woken it.
    const wanted = this.#interest.wanted(slot);
    if (this.#registration.stale || (wanted & ~before) !== 0) this.#arm(slot, wanted);
    this.active = true;
    return ready;
  }

  /** Without a call where the descriptor was drained and no event has come since. */
  #arm(slot: InterestSlot, wanted: PollEvents): void {
    const { set } = this.#driver;
    try {
      if (this.#drained === drainedAt(slot, this.#registration) && isFlow(slot, wanted))
        set.expect(this.#registration, this);
      else set.arm(this.#registration);
    } catch (error) {
      // Nothing will ever be reported again.
      this.#interest.withdraw(slot);
      this.active = false;
      throw error;
    }
  }

  #clear(slot: InterestSlot, drained: boolean): void {
    this.#check();
    checkInteger(slot, 'slot', 0, 1);
    this.#interest.clear(slot);
    this.#drained = drained ? drainedAt(slot, this.#registration) : NEVER;
  }

  #check(): void {
    if (this.disposed) throw disposedError('readiness object');
    this.#driver.checkOpen();
  }
}
