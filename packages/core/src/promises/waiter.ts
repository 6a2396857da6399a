import { AbortError, checkAbortSignal } from '../errors/abort-error.js';
import { checkObject } from '../errors/argument-error.js';
import { abortCallbacks } from './abort-listeners.js';

/** What every promise of a polled object takes. */
export interface PollOptions {
  /** Ends the wait: the promise rejects with an AbortError. */
  readonly signal?: AbortSignal | undefined;
}

function ignored(): void {}

/** One caller who waits: a promise, and the signal that may end it. The signal is left when the promise settles. */
export class Waiter<T> {
  readonly promise: Promise<T>;
  readonly #signal: AbortSignal | undefined;
  readonly #aborted: () => void;
  #resolve!: (value: T) => void;
  #reject!: (error: unknown) => void;

  /**
   * @param signal as {@link requireSignal} returned it
   * @param aborted called once if the signal aborts before the promise settled; it settles the waiter, then or later
   */
  constructor(signal?: AbortSignal, aborted: () => void = ignored) {
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.#signal = signal;
    this.#aborted = aborted;
    if (signal !== undefined) abortCallbacks.add(signal, aborted);
  }

  resolve(value: T): void {
    Waiter.#leaveSignal(this);
    this.#resolve(value);
  }

  reject(error: unknown): void {
    Waiter.#leaveSignal(this);
    this.#reject(error);
  }

  /** Rejects with the AbortError of the signal. */
  abort(): void {
    this.reject(new AbortError(this.#signal?.reason));
  }

  /** Static, as a private method would cost each waiter a word and a call. */
  static #leaveSignal<T>(waiter: Waiter<T>): void {
    const signal = waiter.#signal;
    if (signal !== undefined) abortCallbacks.remove(signal, waiter.#aborted);
  }
}

/**
 * The signal of some options.
 *
 * @throws ERR_INVALID_ARG_TYPE for a signal that is none; the AbortError of a signal that has aborted already
 */
export function requireSignal(options: PollOptions | undefined): AbortSignal | undefined {
  if (options === undefined) return undefined;
  checkObject(options);
  const { signal } = options;
  checkAbortSignal(signal);
  return signal;
}
