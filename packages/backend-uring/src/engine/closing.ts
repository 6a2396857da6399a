import { clearInterval, clearTimeout, setInterval, setTimeout } from 'node:timers';
import { opcodeName, PolyringError, systemError } from '@polyring/core';
import { CancelOperation } from './cancel-operation.js';
import type { Operation } from './operation.js';

/** Milliseconds after which the end of a driver cancels again what was not cancelled. */
const CANCEL_AGAIN_AFTER = 10;

/** How many operations an error names. */
const SHOWN_OPERATIONS = 3;

/** The end of a driver on its way: its promise, and what the clock brings meanwhile. */
export class Closing {
  readonly promise: Promise<void>;
  readonly #limit: number;
  #resolve = (): void => {};
  #reject = (_error: Error): void => {};
  #cancelTimer: NodeJS.Timeout | undefined;
  #limitTimer: NodeJS.Timeout | undefined;

  /** @param limit milliseconds that the kernel may take; Infinity for no limit */
  constructor(limit: number) {
    this.#limit = limit;
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  /**
   * Waits for the kernel.
   *
   * @param cancel is called now and again: an operation may have been on its way to a kernel thread
   * @param giveUp is called when the time is over
   */
  wait(cancel: () => void, giveUp: () => void): void {
    cancel();
    this.#cancelTimer = setInterval(cancel, CANCEL_AGAIN_AFTER);
    if (this.#limit !== Number.POSITIVE_INFINITY) this.#limitTimer = setTimeout(giveUp, this.#limit);
  }

  /** The driver has ended. */
  end(trouble: Error | undefined): void {
    clearInterval(this.#cancelTimer);
    clearTimeout(this.#limitTimer);
    if (trouble === undefined) this.#resolve();
    else this.#reject(trouble);
  }

  /**
   * The error of a driver that left operations behind.
   *
   * @param refusal the negative error number that the kernel refuses to take them with; 0 if it has taken them
   */
  timeoutError(operations: readonly Operation[], refusal: number): PolyringError {
    const names = operations
      .filter((operation) => !(operation instanceof CancelOperation))
      .map(({ entry }) => `${opcodeName(entry.opcode)}${entry.fd >= 0 ? ` on descriptor ${entry.fd}` : ''}`);
    const shown = names.slice(0, SHOWN_OPERATIONS).join(', ');
    const more = names.length > SHOWN_OPERATIONS ? ` and ${names.length - SHOWN_OPERATIONS} more` : '';
    return new PolyringError(
      'ERR_POLYRING_CLOSE_TIMEOUT',
      `The kernel has neither finished nor cancelled ${shown}${more} within ${this.#limit} ms. What they use is kept ` +
        'until it does. Find out what they wait for, or raise the option "closeTimeout".',
      refusal < 0 ? { cause: systemError(refusal, 'io_uring_enter') } : undefined,
    );
  }
}
