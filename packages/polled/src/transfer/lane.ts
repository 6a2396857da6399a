import {
  ALWAYS_REPORTED,
  closedError,
  type Driver,
  type InterestSlot,
  Pending,
  type PollEvents,
  type RawFd,
  systemError,
} from '@polyring/core';
import { EAGAIN } from './again.js';
import { type Attempt, Call } from './call.js';
import { type CallOptions, checkCallOptions } from './call-options.js';
import type { Readiness } from './readiness.js';

/** Calls that may succeed one after the other before the event loop has to turn. */
const CALLS_A_TURN = 64;

/** What a lane asks of its descriptor. */
export interface LaneHost {
  readonly driver: Driver;
  readonly fd: RawFd;
  /** What says that a direction is ready, made when it is first waited for. */
  readiness(slot: InterestSlot): Readiness;
  /** Whether somebody waits has changed. */
  waitingChanged(): void;
}

/**
 * One direction of a non-blocking descriptor: calls are served in the order they came.
 *
 * A call is attempted at once, unless others wait or the last one has found nothing; otherwise it waits until the
 * descriptor is ready. As an attempt and the settling of its promise are one step, a call that its signal or its
 * time has ended has transferred nothing.
 */
export class Lane {
  readonly #host: LaneHost;
  readonly #slot: InterestSlot;
  readonly #events: PollEvents;
  readonly #queue: Call<unknown>[] = [];
  /** The last attempt has found nothing, or less than there was room for. */
  #drained = false;
  /** The events of a poll that the attempt under way follows at once; 0 for others. */
  #reported: PollEvents = 0;
  #polling = false;
  #succeeded = 0;
  #yielding = false;
  #error: unknown;

  constructor(host: LaneHost, slot: InterestSlot, events: PollEvents) {
    this.#host = host;
    this.#slot = slot;
    this.#events = events;
  }

  /** Whether somebody waits. */
  get waiting(): boolean {
    return this.#queue.length > 0;
  }

  /** Whether nobody waits any more for a poll that cannot be taken back. */
  get givenUp(): boolean {
    return this.#polling && this.#queue.length === 0;
  }

  /**
   * Makes a call, now or when the descriptor is ready.
   *
   * @throws (rejects) the system error of the attempt, by the name `syscall`; what the attempt throws; AbortError;
   * ERR_POLYRING_TIMEOUT; the error that the lane was ended with; ERR_POLYRING_CLOSED; ERR_INVALID_ARG_TYPE,
   * ERR_OUT_OF_RANGE
   */
  run<T>(attempt: Attempt<T>, syscall: string, options?: CallOptions): Promise<T> {
    try {
      const limits = options === undefined ? undefined : checkCallOptions(options);
      if (this.#error !== undefined) throw this.#error;
      if (this.#host.driver.closed) throw closedError(this.#host.driver.name);
      if (this.#queue.length === 0 && !this.#drained && this.#succeeded < CALLS_A_TURN) {
        const result = attempt();
        if (result !== EAGAIN) {
          this.#succeeded += 1;
          return Promise.resolve(this.#checked(result, syscall) as T);
        }
        this.#clear();
      }
      const what = { attempt, events: this.#events, syscall };
      const call = new Call<T>(what, this.#host.driver, limits, (given) => this.#giveUp(given as Call<unknown>));
      this.#queue.push(call as Call<unknown>);
      if (this.#queue.length === 1) this.#start();
      return call.promise;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * Says that the attempt under way got less than it had room for: what comes now is announced.
   * Where the end of the stream, or an error, was announced already that is not so.
   */
  foundLess(): void {
    if (this.#reported !== 0 && (this.#reported & ALWAYS_REPORTED) === 0) this.#clear();
  }

  /** Rejects whoever waits, and every later call. */
  end(error: unknown): void {
    this.#error ??= error;
    for (const call of this.#queue.splice(0)) call.reject(error);
    this.#host.waitingChanged();
  }

  /** Waits for the descriptor, or lets the loop turn before the next attempts. */
  #start(): void {
    if (this.#succeeded < CALLS_A_TURN) {
      this.#advance();
      return;
    }
    if (this.#yielding) return;
    this.#yielding = true;
    setImmediate(() => {
      this.#yielding = false;
      this.#succeeded = 0;
      this.#advance();
    });
  }

  readonly #wake = (): void => {
    this.#polling = false;
    this.#succeeded = 0;
    this.#advance();
    this.#host.waitingChanged();
  };

  /** Serves whoever waits as far as it goes without waiting. */
  #advance(): void {
    for (let call = this.#queue[0]; call !== undefined; call = this.#queue[0]) {
      if (this.#succeeded >= CALLS_A_TURN) {
        this.#start();
        return;
      }
      try {
        if (this.#drained && !this.#poll(call)) return;
      } catch (error) {
        for (const each of this.#queue.splice(0)) each.reject(error);
        return;
      }
      this.#serve(call);
    }
  }

  #serve(call: Call<unknown>): void {
    try {
      const result = call.attempt();
      this.#reported = 0;
      if (result === EAGAIN) {
        this.#clear();
        return;
      }
      this.#succeeded += 1;
      this.#queue.shift();
      call.resolve(this.#checked(result, call.syscall));
    } catch (error) {
      this.#reported = 0;
      if (this.#queue[0] === call) this.#queue.shift();
      call.reject(error);
    }
  }

  /** Whether the descriptor is ready; otherwise {@link #wake} is called when it is. */
  #poll(call: Call<unknown>): boolean {
    const events = this.#host.readiness(this.#slot).poll(this.#wake, this.#slot, call.events);
    if (events === Pending) {
      this.#polling = true;
      this.#host.waitingChanged();
      return false;
    }
    this.#drained = false;
    this.#reported = events;
    return true;
  }

  #clear(): void {
    this.#drained = true;
    this.#host.readiness(this.#slot).clear(this.#slot);
  }

  #giveUp(call: Call<unknown>): void {
    const index = this.#queue.indexOf(call);
    if (index >= 0) this.#queue.splice(index, 1);
    this.#host.waitingChanged();
  }

  #checked(result: unknown, syscall: string): unknown {
    if (typeof result === 'number' && result < 0) throw systemError(result, syscall, { fd: this.#host.fd });
    return result;
  }
}
