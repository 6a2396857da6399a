import {
  Activity,
  ALL_EVENTS,
  checkInteger,
  disposedError,
  InterestSet,
  InterestSlot,
  Pending,
  type Poll,
  type PollEvents,
  type PollFdReady,
  type PollSocketReady,
  type RawFd,
  type Waker,
} from '@polyring/core';
import type { DriverContext } from '../driver-context.js';
import type { Member, Registration } from '../registration.js';

const SLOTS = [InterestSlot.Read, InterestSlot.Write] as const;

/** The readiness of one descriptor, of a socket as well: two waiters of one registration. */
export class EpollReadiness extends Activity implements PollFdReady, PollSocketReady, Member {
  readonly #driver: DriverContext;
  readonly #interest = new InterestSet();
  readonly #registration: Registration;

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

  clearFdReady(slot: InterestSlot): void {
    this.#clear(slot);
  }

  clearSocketReady(slot: InterestSlot): void {
    this.#clear(slot);
  }

  get wanted(): PollEvents {
    return this.#interest.wantedByAny;
  }

  deliver(events: PollEvents): void {
    for (const slot of SLOTS) {
      if ((events & this.#interest.wanted(slot)) !== 0) this.#interest.deliver(slot, events);
    }
    this.active = this.#interest.anyWaiting;
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
    checkInteger(events, 'events', 0, ALL_EVENTS);
    const before = this.#interest.wanted(slot);
    const ready = this.#interest.poll(slot, waker, events);
    // What a waiter waited for already is armed: any edge since would have woken it.
    if (ready === Pending && (this.#registration.stale || (this.#interest.wanted(slot) & ~before) !== 0)) this.#arm();
    this.active = this.#interest.anyWaiting;
    return ready;
  }

  #arm(): void {
    try {
      this.#driver.set.arm(this.#registration);
    } catch (error) {
      // Nothing will ever be reported again.
      this.active = false;
      throw error;
    }
  }

  #clear(slot: InterestSlot): void {
    this.#check();
    checkInteger(slot, 'slot', 0, 1);
    this.#interest.clear(slot);
  }

  #check(): void {
    if (this.disposed) throw disposedError('readiness object');
    this.#driver.checkOpen();
  }
}
