import {
  checkInteger,
  checkPollEvents,
  InterestSet,
  type InterestSlot,
  Pending,
  type Poll,
  type PollEvents,
  type PollFdReady,
  type PollSocketReady,
  type RawFd,
  type Waker,
} from '@polyring/core';
import type { DriverContext } from './driver-context.js';
import { Watched } from './watched.js';

/** The readiness of one descriptor, of a socket as well. */
export class Readiness extends Watched implements PollFdReady, PollSocketReady {
  readonly #interest = new InterestSet();

  constructor(fd: RawFd, driver: DriverContext) {
    super('readiness object', fd, driver);
  }

  pollFdReady(waker: Waker, slot: InterestSlot, events: PollEvents): Poll<PollEvents> {
    this.check();
    checkInteger(slot, 'slot', 0, 1);
    checkPollEvents(events);
    const answer = this.#interest.poll(slot, waker, events);
    if (answer === Pending) this.expect();
    else this.settle();
    return answer;
  }

  pollSocketReady(waker: Waker, slot: InterestSlot, events: PollEvents): Poll<PollEvents> {
    return this.pollFdReady(waker, slot, events);
  }

  clearFdReady(slot: InterestSlot): void {
    this.check();
    checkInteger(slot, 'slot', 0, 1);
    this.#interest.clear(slot);
  }

  clearSocketReady(slot: InterestSlot): void {
    this.clearFdReady(slot);
  }

  get wanted(): PollEvents {
    return this.#interest.wantedByAny;
  }

  protected override take(events: PollEvents): void {
    // A slot without a waiter keeps nothing: its next poll asks the kernel for the state of then.
    this.#interest.deliverWanted(events);
  }

  protected override wakeWaiters(): void {
    this.#interest.wakeAll();
  }

  protected override forget(): void {
    this.#interest.dispose();
  }
}
