import { type Driver, type PollEvents, timeoutError, Waiter } from '@polyring/core';
import type { CallOptions } from './call-options.js';
import { TimeLimit } from './time-limit.js';

/** A call that does not block. It answers with its result, or with a negative error number; EAGAIN if it has to wait. */
export type Attempt<T> = () => T | number;

/** A call that waits for its turn or for its descriptor: what to attempt, whom to tell, and what may end it before. */
export class Call<T> {
  readonly attempt: Attempt<T>;
  readonly events: PollEvents;
  readonly syscall: string;
  readonly #waiter: Waiter<T>;
  readonly #limit: TimeLimit | undefined;

  /**
   * @param options as `checkCallOptions` returned them
   * @param gaveUp called once if the call is to end without a result; then {@link reject} it with that error
   */
  constructor(
    what: { readonly attempt: Attempt<T>; readonly events: PollEvents; readonly syscall: string },
    driver: Driver,
    options: CallOptions | undefined,
    gaveUp: (call: Call<T>) => void,
  ) {
    this.attempt = what.attempt;
    this.events = what.events;
    this.syscall = what.syscall;
    const timeout = options?.timeout;
    this.#limit =
      timeout === undefined || timeout === Infinity
        ? undefined
        : new TimeLimit(driver, timeout, () => {
            gaveUp(this);
            this.reject(timeoutError(timeout));
          });
    this.#waiter = new Waiter(options?.signal, () => {
      gaveUp(this);
      this.#limit?.[Symbol.dispose]();
      this.#waiter.abort();
    });
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
