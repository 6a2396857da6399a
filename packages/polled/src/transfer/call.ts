import { AbortError, type Driver, timeoutError, Waiter } from '@polyring/core';
import type { CallOptions } from './call-options.js';
import type { Completing } from './completing.js';
import { TimeLimit } from './time-limit.js';

/** What is called. */
export interface CallParts<T> {
  /** The name of the system call, for errors. */
  readonly syscall: string;
  /** How a ring does it, where one does. */
  readonly completing?: Completing<T> | undefined;
  /** Makes the call, which does not block: its result, or a negative error number; EAGAIN if it has to wait. */
  attempt(): T | number;
}

/** A call that waits for its turn or for its descriptor: what to attempt, whom to tell, and what may end it before. */
export class Call<T> extends Waiter<T> {
  readonly parts: CallParts<T>;
  /** How a ring does it; undefined where none does, or has no memory for it. */
  completing: Completing<T> | undefined;
  readonly #limit: TimeLimit | undefined;

  /**
   * @param options as `checkCallOptions` returned them
   * @param gaveUp called if the call is to end without a result: {@link reject} it with that error, now or later
   */
  constructor(
    parts: CallParts<T>,
    driver: Driver,
    options: CallOptions | undefined,
    gaveUp: (call: Call<T>, error: Error) => void,
  ) {
    // The time first, as there is no way back from listening to the signal if it fails.
    const timeout = options?.timeout;
    const limit =
      timeout === undefined || timeout === Infinity
        ? undefined
        : new TimeLimit(driver, timeout, () => gaveUp(this, timeoutError(timeout)));
    const signal = options?.signal;
    super(signal, signal && (() => gaveUp(this, new AbortError(signal.reason))));
    this.parts = parts;
    this.completing = parts.completing;
    this.#limit = limit;
  }

  override resolve(result: T): void {
    this.#limit?.[Symbol.dispose]();
    super.resolve(result);
  }

  override reject(error: unknown): void {
    this.#limit?.[Symbol.dispose]();
    super.reject(error);
  }
}
