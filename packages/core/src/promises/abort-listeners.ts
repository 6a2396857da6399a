import { throwUncaught } from '../errors/throw-uncaught.js';

/** Who is to be told when one signal aborts. */
interface Listener<T> {
  readonly waiting: Set<T>;
  readonly abort: () => void;
}

/**
 * Those who wait with AbortSignals.
 *
 * One listener serves all who wait with a signal. Node.js takes more than ten listeners on one signal for a leak, and says
 * so on stderr, though a program has every right to give one signal to a thousand reads; and it looks through all of them
 * to add or remove one.
 *
 * @typeParam T who waits: no two waits with one signal may be the same
 */
export class AbortListeners<T> {
  readonly #aborted: (each: T) => void;
  readonly #listeners = new WeakMap<AbortSignal, Listener<T>>();

  /**
   * @param aborted is called for each who waits with a signal that aborts, and has left it by then. What it throws reaches
   * `uncaughtException`, and the others are told all the same
   */
  constructor(aborted: (each: T) => void) {
    this.#aborted = aborted;
  }

  /** @param signal one that has not aborted */
  add(signal: AbortSignal, each: T): void {
    let listener = this.#listeners.get(signal);
    if (listener === undefined) {
      const waiting = new Set<T>();
      const abort = (): void => {
        for (const one of waiting) {
          waiting.delete(one);
          try {
            this.#aborted(one);
          } catch (error) {
            throwUncaught(error);
          }
        }
      };
      listener = { waiting, abort };
      this.#listeners.set(signal, listener);
    }
    if (listener.waiting.size === 0) signal.addEventListener('abort', listener.abort, { once: true });
    listener.waiting.add(each);
  }

  /** Does nothing for one who does not wait. */
  remove(signal: AbortSignal, each: T): void {
    const listener = this.#listeners.get(signal);
    if (listener === undefined || !listener.waiting.delete(each)) return;
    if (listener.waiting.size === 0) signal.removeEventListener('abort', listener.abort);
  }
}

/** Those who wait with a function that is called. */
export const abortCallbacks = new AbortListeners<() => void>((aborted) => aborted());
