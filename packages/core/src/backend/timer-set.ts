import type { PollTimer } from '../contract/timer.js';
import { invalidArgType } from '../errors/argument-error.js';
import { disposedError } from '../errors/polyring-error.js';
import { type Instant, now } from '../values/instant.js';
import { Pending, type Poll, type Waker } from '../values/poll.js';
import { Activity } from './activity.js';
import type { LoopHold } from './loop-hold.js';
import { TimerQueue } from './timer-queue.js';
import { callWaker, checkWaker } from './waker-cell.js';

/** What a {@link TimerSet} needs of its backend. */
export interface TimerSetHost {
  readonly hold: LoopHold;
  /** Throws the error of a closed driver. */
  checkOpen(): void;
  /** The earliest deadline came nearer: before the loop sleeps, the kernel's timer must be set to `set.earliest`. */
  nearer(): void;
}

/** How far behind what is due the deadlines of a drain's wakers stand, in milliseconds: what any clock's number can tell. */
const BEHIND = 0.001;

/** A backend's timers over one timer of the kernel. */
export class TimerSet {
  readonly #queue = new TimerQueue<QueuedTimer>();
  readonly #host: TimerSetHost;

  constructor(host: TimerSetHost) {
    this.#host = host;
  }

  /** The earliest deadline that somebody waits for. */
  get earliest(): Instant | undefined {
    return this.#queue.first?.deadline as Instant | undefined;
  }

  newTimer(): PollTimer {
    this.#host.checkOpen();
    return new QueuedTimer(this.#queue, this.#host);
  }

  /**
   * Wakes every timer that is due, in order of the deadlines. For the drain only.
   *
   * A timer that a waker makes due is woken by the next call, since a waker that does so each time would keep the thread
   * here, and the timers behind it waiting.
   *
   * @returns how many there were, for a backend that counts whom it told of something before the loop turns
   */
  fire(): number {
    const time = now();
    let fired = 0;
    this.#queue.floor = time + BEHIND;
    for (; this.#queue.earliest <= time; fired += 1) this.#queue.first?.fire();
    this.#queue.floor = Number.NEGATIVE_INFINITY;
    return fired;
  }

  /** Wakes every waiter, so that its next poll sees that the driver is closed. */
  wakeAll(): void {
    for (let timer = this.#queue.first; timer !== undefined; timer = this.#queue.first) timer.fire();
  }
}

class QueuedTimer extends Activity implements PollTimer {
  deadline = Number.NEGATIVE_INFINITY;
  queueSlot = -1;
  readonly #queue: TimerQueue<QueuedTimer>;
  readonly #host: TimerSetHost;
  #waker: Waker | undefined;

  constructor(queue: TimerQueue<QueuedTimer>, host: TimerSetHost) {
    super(host.hold);
    this.#queue = queue;
    this.#host = host;
  }

  pollTimer(waker: Waker, deadline?: Instant): Poll<Instant> {
    QueuedTimer.#check(this);
    checkWaker(waker);
    if (deadline !== undefined) this.setDeadline(deadline);
    const time = now();
    if (time >= this.deadline) {
      QueuedTimer.#leave(this);
      return time;
    }
    this.#waker = waker;
    if (this.queueSlot === -1) {
      this.#queue.insert(this);
      this.active = true;
      if (this.#queue.first === this) this.#host.nearer();
    }
    return Pending;
  }

  setDeadline(deadline: Instant): void {
    QueuedTimer.#check(this);
    if (typeof deadline !== 'number' || Number.isNaN(deadline)) {
      throw invalidArgType('deadline', 'an Instant: a number of milliseconds', deadline);
    }
    this.deadline = deadline;
    if (this.queueSlot === -1) return;
    this.#queue.reposition(this);
    if (this.#queue.first === this) this.#host.nearer();
  }

  fire(): void {
    const waker = this.#waker;
    QueuedTimer.#leave(this);
    if (waker !== undefined) callWaker(waker);
  }

  [Symbol.dispose](): void {
    if (!this.end()) return;
    QueuedTimer.#leave(this);
  }

  /** Nobody waits any more. Static, as is the next, since a private method would cost each timer a word and a call. */
  static #leave(timer: QueuedTimer): void {
    timer.#waker = undefined;
    if (timer.queueSlot !== -1) timer.#queue.remove(timer);
    timer.active = false;
  }

  static #check(timer: QueuedTimer): void {
    if (timer.disposed) throw disposedError('timer');
    timer.#host.checkOpen();
  }
}
