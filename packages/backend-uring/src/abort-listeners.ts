import type { Operation } from './operation.js';

/** Who is to be cancelled when one signal aborts. */
interface Listener {
  readonly operations: Set<Operation>;
  readonly abort: () => void;
}

/**
 * The operations that AbortSignals cancel.
 *
 * One listener serves all operations of a signal: Node.js takes more than ten listeners on one signal for a leak, and
 * says so on stderr, though a program has every right to give one signal to a thousand reads.
 */
export class AbortListeners {
  readonly #cancel: (operation: Operation) => void;
  readonly #listeners = new WeakMap<AbortSignal, Listener>();

  constructor(cancel: (operation: Operation) => void) {
    this.#cancel = cancel;
  }

  /** Has an operation cancelled when a signal aborts. */
  add(signal: AbortSignal, operation: Operation): void {
    let listener = this.#listeners.get(signal);
    if (listener === undefined) {
      const operations = new Set<Operation>();
      listener = {
        operations,
        abort: () => {
          for (const each of operations) this.#cancel(each);
        },
      };
      this.#listeners.set(signal, listener);
    }
    if (listener.operations.size === 0) signal.addEventListener('abort', listener.abort);
    listener.operations.add(operation);
  }

  /** The operation is over. */
  remove(signal: AbortSignal, operation: Operation): void {
    const listener = this.#listeners.get(signal);
    if (listener === undefined) return;
    listener.operations.delete(operation);
    if (listener.operations.size === 0) signal.removeEventListener('abort', listener.abort);
  }
}
