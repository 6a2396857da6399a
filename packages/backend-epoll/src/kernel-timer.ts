import { type Instant, PollEvents, type RawFd, type TimerSet } from '@polyring/core';
import { timerfdSettime } from '@polyring/sys';
import type { EpollSet } from './epoll-set.js';
import type { Member } from './registration.js';

/**
 * One timerfd for the earliest deadline of all timers, as a member of the driver's own epoll set.
 *
 * It is set at most once per turn of the loop, after the turn's last promise has run. It moves nearer only: firing
 * once for nothing is cheaper than following every timer that is moved further or given up. It is never read:
 * setting it forgets the expiries, and each expiry is an edge.
 */
export class KernelTimer implements Member {
  readonly wanted = PollEvents.IN;
  readonly #fd: RawFd;
  readonly #timers: TimerSet;
  #deadline = Number.POSITIVE_INFINITY;
  #scheduled = false;
  #closed = false;

  /** @param fd a timerfd, which stays the caller's */
  constructor(fd: RawFd, timers: TimerSet, set: EpollSet) {
    this.#fd = fd;
    this.#timers = timers;
    set.arm(set.join(fd, this));
  }

  /** Sees to it that the timerfd expires at the earliest deadline before the loop sleeps. */
  readonly schedule = (): void => {
    if (this.#scheduled) return;
    this.#scheduled = true;
    process.nextTick(this.#settle);
  };

  /** The timerfd has expired. */
  deliver(): boolean {
    this.#deadline = Number.POSITIVE_INFINITY;
    this.#timers.fire();
    // From a promise, because ticks run before the promises that the wakers resolved, and those often set the next timer.
    if (this.#timers.earliest !== undefined) queueMicrotask(this.schedule);
    return true;
  }

  wakeAll(): void {
    this.#timers.wakeAll();
  }

  /** Ends all use of the timerfd. */
  close(): void {
    this.#closed = true;
  }

  readonly #settle = (): void => {
    this.#scheduled = false;
    const { earliest } = this.#timers;
    if (this.#closed || earliest === undefined || earliest >= this.#deadline) return;
    this.#deadline = earliest;
    // 0 would disarm it.
    timerfdSettime(this.#fd, { at: Math.max(earliest, Number.MIN_VALUE) as Instant });
  };
}
