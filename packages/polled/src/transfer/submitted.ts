import { asyncCancel, type Driver, type Entry } from '@polyring/core';
import type { Call } from './call.js';

/** Milliseconds after which an operation that was not cancelled is cancelled again. */
const CANCEL_AGAIN_AFTER = 1;

/** A call that a ring does, until its operation is over. */
export class Submitted {
  readonly call: Call<unknown>;
  readonly #driver: Driver;
  readonly #entry: Entry;
  #ending: unknown;
  #cancelled = false;
  #over = false;

  /** @param over is told the result, a negative error number, or the error of an operation that the kernel never saw */
  constructor(call: Call<unknown>, driver: Driver, entry: Entry, over: (outcome: unknown) => void) {
    this.call = call;
    this.#driver = driver;
    this.#entry = entry;
    const settled = (outcome: unknown): void => {
      this.#over = true;
      over(outcome);
    };
    // What waits for memory is no operation yet, and cannot be cancelled as one.
    driver.ioUringSubmit(entry, { poolExhausted: 'reject' }).then(settled, (error) => settled(error.errno ?? error));
  }

  /** What the call is to end with, unless the operation is done all the same. */
  get ending(): unknown {
    return this.#ending;
  }

  /** Ends the call: at once, or where bytes are moved when the kernel has told how many. */
  end(error: unknown): void {
    this.#ending ??= error;
    if (this.call.completing?.transfers === false) this.call.reject(error);
    this.cancel();
  }

  cancel(): void {
    if (this.#cancelled) return;
    this.#cancelled = true;
    this.#cancel();
  }

  /** An operation that was just going on when it was to be cancelled goes on, and says so. */
  readonly #cancel = (): void => {
    if (this.#over) return;
    this.#driver.ioUringSubmit(asyncCancel(this.#entry)).catch(() => setTimeout(this.#cancel, CANCEL_AGAIN_AFTER));
  };
}
