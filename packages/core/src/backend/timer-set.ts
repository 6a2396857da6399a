import type { PollTimer } from '../contract/timer.js';
import { invalidArgType } from '../errors/argument-error.js';
import { disposedError } from '../errors/polyring-error.js';
import { type Instant, now } from '../values/instant.js';
import { Pending, type Poll, type Waker } from '../values/poll.js';
import { Activity, type LoopHold } from './loop-hold.js';
import { TimerQueue } from './timer-queue.js';
import { WakerCell } from './waker-cell.js';

/** What a {@link TimerSet} needs of its backend. */
export interface TimerSetHost {
  readonly hold: LoopHold;
  /** Throws the error of a closed driver. */
  checkOpen(): void;
  /** The earliest deadline came nearer: before the loop sleeps, the kernel's timer must be set to `set.earliest`. */
  nearer(): void;
}

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

  /** Wakes every timer that is due, in order of the deadlines. For the drain only. */
  fire(): void {
    const time = now();
    for (let timer = this.#queue.first; timer !== undefined && timer.deadline <= time; timer = this.#queue.first) {
      timer.fire();
    }
  }

  /** Wakes every waiter, so that its next poll sees that the driver is closed. */
  wakeAll(): void {
    for (let timer = this.#queue.first; timer !== undefined; timer = this.#queue.first) timer.fire();
  }
}

class QueuedTimer implements PollTimer {
  deadline = Number.NEGATIVE_INFINITY;
  heapIndex = -1;
  readonly #queue: TimerQueue<QueuedTimer>;
  readonly #host: TimerSetHost;
  readonly #waker = new WakerCell();
  readonly #activity: Activity;
  #disposed = false;

  constructor(queue: TimerQueue<QueuedTimer>, host: TimerSetHost) {
    this.#queue = queue;
    this.#host = host;
    this.#activity = new Activity(host.hold);
  }

  pollTimer(waker: Waker, deadline?: Instant): Poll<Instant> {
    this.#check();
    if (deadline !== undefined) this.setDeadline(deadline);
    const time = now();
    if (time >= this.deadline) {
      this.#leave();
      this.#waker.clear();
      return time;
    }
    this.#waker.set(waker);
    if (this.heapIndex === -1) {
      this.#queue.insert(this);
      this.#activity.active = true;
      if (this.#queue.first === this) this.#host.nearer();
    }
    return Pending;
  }

  setDeadline(deadline: Instant): void {
    this.#check();
    if (typeof deadline !== 'number' || Number.isNaN(deadline)) {
      throw invalidArgType('deadline', 'an Instant: a number of milliseconds', deadline);
    }
    this.deadline = deadline;
    if (this.heapIndex === -1) return;
    this.#queue.reposition(this);
    if (this.#queue.first === this) this.#host.nearer();
  }

  fire(): void {
    this.#leave();
    this.#waker.wake();
  }

  ref(): this {
    this.#activity.ref();
    return this;
  }

  unref(): this {
    this.#activity.unref();
    return this;
  }

  hasRef(): boolean {
    return this.#activity.hasRef();
  }

  [Symbol.dispose](): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#waker.clear();
    this.#leave();
  }

  #leave(): void {
    if (this.heapIndex !== -1) this.#queue.remove(this);
    this.#activity.active = false;
  }

  #check(): void {
    if (this.#disposed) throw disposedError('timer');
    this.#host.checkOpen();
  }
}
