import { AbortError, type Driver, type PollEvents, timeoutError, Waiter } from '@polyring/core';
import type { CallOptions } from './call-options.js';
import type { Completing } from './completing.js';
import { TimeLimit } from './time-limit.js';

/** A call that does not block. It answers with its result, or with a negative error number; EAGAIN if it has to wait. */
export type Attempt<T> = () => T | number;

/** What is called. */
export interface CallParts<T> {
  readonly attempt: Attempt<T>;
  readonly events: PollEvents;
  readonly syscall: string;
  /** How a ring does it, where one does. */
  readonly completing: Completing<T> | undefined;
}

/** A call that waits for its turn or for its descriptor: what to attempt, whom to tell, and what may end it before. */
export class Call<T> {
  readonly attempt: Attempt<T>;
  readonly events: PollEvents;
  readonly syscall: string;
  /** How a ring does it; undefined where none does, or has no memory for it. */
  completing: Completing<T> | undefined;
  readonly #waiter: Waiter<T>;
  readonly #limit: TimeLimit | undefined;

  /**
   * @param options as `checkCallOptions` returned them
   * @param gaveUp called if the call is to end without a result: {@link reject} it with that error, now or later
   */
  constructor(
    what: CallParts<T>,
    driver: Driver,
    options: CallOptions | undefined,
    gaveUp: (call: Call<T>, error: Error) => void,
  ) {
    this.attempt = what.attempt;
    this.events = what.events;
    this.syscall = what.syscall;
    this.completing = what.completing;
    const timeout = options?.timeout;
    this.#limit =
      timeout === undefined || timeout === Infinity
        ? undefined
        : new TimeLimit(driver, timeout, () => gaveUp(this, timeoutError(timeout)));
    const signal = options?.signal;
    this.#waiter =
      signal === undefined ? new Waiter() : new Waiter(signal, () => gaveUp(this, new AbortError(signal.reason)));
  }

  get promise(): Promise<T> {
    return this.#waiter.promise;
  }

  resolve(result: T): void {
    this.#limit?.[Symbol.dispose]();
    this.#waiter.resolve(result);
  }

  reject(error: unknown): void {
    this.#limit?.[Symbol.dispose]();
    this.#waiter.reject(error);
  }
}
