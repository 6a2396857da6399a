import { setImmediate } from 'node:timers';
import { checkDriver } from '../contract/check-driver.js';
import type { Driver } from '../contract/driver.js';
import type { Referenced } from '../contract/reference.js';
import type { PollTimer } from '../contract/timer.js';
import { invalidArgType, outOfRange } from '../errors/argument-error.js';
import { disposedError } from '../errors/polyring-error.js';
import { after, type Instant, now } from '../values/instant.js';
import { Pending } from '../values/poll.js';
import { type PollOptions, requireSignal, Waiter } from './waiter.js';

/** Sleeps that may be over at once before the event loop has to turn. */
const SLEEPS_A_TURN = 64;

/** How many sleeps were over at once since the last that had the event loop turn, of all timers of this thread together. */
let overAtOnce = 0;

/** One sleep under way: its timer and its caller. */
interface Sleep {
  readonly timer: PollTimer;
  readonly waiter: Waiter<Instant>;
  /** The turn of the event loop that it has to wait for. */
  turn: NodeJS.Immediate | undefined;
}

/**
 * Sleeps as promises, over a driver's timers.
 *
 * A sleep is never early. Sleeps of one object that overlap are independent of each other:
 * each has a timer of the driver, and one idle timer is kept for the next. After 64 sleeps that were over at once,
 * the event loop turns.
 */
export class PolledTimer implements Disposable, Referenced {
  readonly #driver: Driver;
  readonly #sleeps = new Set<Sleep>();
  #idle: PollTimer | undefined;
  #referenced = true;
  #disposed = false;

  /** @throws ERR_POLYRING_CLOSED */
  constructor(driver: Driver) {
    checkDriver(driver);
    this.#driver = driver;
    this.#idle = driver.newDynTimer();
  }

  /** Sleeps once on a timer of its own. See {@link sleep}. */
  static async sleep(driver: Driver, milliseconds: number, options?: PollOptions): Promise<Instant> {
    const timer = new PolledTimer(driver);
    try {
      return await timer.sleep(milliseconds, options);
    } finally {
      timer[Symbol.dispose]();
    }
  }

  /** Sleeps once on a timer of its own. See {@link sleepUntil}. */
  static async sleepUntil(driver: Driver, at: Instant, options?: PollOptions): Promise<Instant> {
    const timer = new PolledTimer(driver);
    try {
      return await timer.sleepUntil(at, options);
    } finally {
      timer[Symbol.dispose]();
    }
  }

  /**
   * Waits for a duration.
   *
   * @param milliseconds with a fraction if need be; 0 or less is over at once, Infinity never
   * @returns the time at which it was over
   * @throws (rejects) AbortError; ERR_POLYRING_DISPOSED; ERR_POLYRING_CLOSED; ERR_INVALID_ARG_TYPE; ERR_OUT_OF_RANGE
   * for NaN
   */
  sleep(milliseconds: number, options?: PollOptions): Promise<Instant> {
    try {
      requireTime(milliseconds, 'milliseconds');
      return this.#start(after(milliseconds), options);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * Waits for an instant.
   *
   * @returns the time at which it was over; at once if the instant has passed
   * @throws (rejects) as {@link sleep}
   */
  sleepUntil(at: Instant, options?: PollOptions): Promise<Instant> {
    try {
      requireTime(at, 'at');
      return this.#start(at, options);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * Ticks at every multiple of a period from now, as an async iterator that does not end by itself.
   *
   * The ticks do not drift: lateness of one is not handed on to the next. A consumer that
   * takes longer than a period misses the ticks meanwhile; they are not made up for.
   *
   * @param milliseconds the period, greater than 0 and finite
   * @returns the time of each tick
   * @throws (rejects) as {@link sleep}; ERR_OUT_OF_RANGE for another period
   */
  interval(milliseconds: number, options?: PollOptions): AsyncGenerator<Instant, void, void> {
    return this.#ticks(now(), milliseconds, options);
  }

  /** Lets sleeps keep the process alive. This is how it starts. */
  ref(): this {
    this.#referenced = true;
    for (const holder of this.#holders()) holder.ref();
    return this;
  }

  /** Lets the process end in the middle of a sleep. */
  unref(): this {
    this.#referenced = false;
    for (const holder of this.#holders()) holder.unref();
    return this;
  }

  hasRef(): boolean {
    return this.#referenced;
  }

  /** Ends every sleep: its promise rejects with ERR_POLYRING_DISPOSED. */
  [Symbol.dispose](): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#idle?.[Symbol.dispose]();
    this.#idle = undefined;
    for (const { timer, waiter } of this.#sleeps) {
      timer[Symbol.dispose]();
      waiter.reject(disposedError('timer'));
    }
    this.#sleeps.clear();
  }

  async *#ticks(start: Instant, period: number, options?: PollOptions): AsyncGenerator<Instant, void, void> {
    requireNumber(period, 'milliseconds');
    if (!(period > 0 && period < Infinity)) throw outOfRange('milliseconds', '> 0 and finite', period);
    let tick = 0;
    for (;;) {
      const last = Math.max(tick, Math.floor((now() - start) / period));
      // Where the period is too short to count in, every tick is over at once.
      tick = Math.min(last + 1, Number.MAX_SAFE_INTEGER);
      yield await this.sleepUntil((start + tick * period) as Instant, options);
    }
  }

  #start(at: Instant, options: PollOptions | undefined): Promise<Instant> {
    if (this.#disposed) throw disposedError('timer');
    const signal = requireSignal(options);
    const timer = this.#take();
    const sleep: Sleep = { timer, waiter: new Waiter(signal, () => this.#abort(sleep)), turn: undefined };
    this.#sleeps.add(sleep);
    this.#poll(sleep, at);
    return sleep.waiter.promise;
  }

  #take(): PollTimer {
    const idle = this.#idle;
    this.#idle = undefined;
    if (idle !== undefined) return idle;
    const timer = this.#driver.newDynTimer();
    return this.#referenced ? timer : timer.unref();
  }

  #poll(sleep: Sleep, deadline?: Instant): void {
    if (!this.#sleeps.has(sleep)) return;
    try {
      const time = sleep.timer.pollTimer(() => this.#poll(sleep), deadline);
      if (time === Pending) return;
      if (deadline !== undefined && ++overAtOnce > SLEEPS_A_TURN) {
        sleep.turn = setImmediate(() => {
          overAtOnce = 0;
          this.#poll(sleep);
        });
        if (!this.#referenced) sleep.turn.unref();
        return;
      }
      this.#sleeps.delete(sleep);
      this.#keep(sleep.timer);
      sleep.waiter.resolve(time);
    } catch (error) {
      this.#sleeps.delete(sleep);
      sleep.timer[Symbol.dispose]();
      sleep.waiter.reject(error);
    }
  }

  #abort(sleep: Sleep): void {
    this.#sleeps.delete(sleep);
    // A timer that is still set would keep the process alive until its deadline.
    sleep.timer[Symbol.dispose]();
    sleep.waiter.abort();
  }

  #keep(timer: PollTimer): void {
    if (this.#idle === undefined) this.#idle = timer;
    else timer[Symbol.dispose]();
  }

  /** What may keep the process alive. */
  *#holders(): Iterable<Referenced> {
    if (this.#idle !== undefined) yield this.#idle;
    for (const { timer, turn } of this.#sleeps) {
      yield timer;
      if (turn !== undefined) yield turn;
    }
  }
}

function requireNumber(value: number, name: string): void {
  if (typeof value !== 'number') throw invalidArgType(name, 'of type number', value);
}

function requireTime(value: number, name: string): void {
  requireNumber(value, name);
  if (Number.isNaN(value)) throw outOfRange(name, 'a time', value);
}
