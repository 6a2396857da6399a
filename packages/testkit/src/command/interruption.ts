import { constants } from 'node:os';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** One of the signals that end a run early. */
export type EndingSignal = (typeof SIGNALS)[number];

/**
 * Turns the first signal that would end the process into an abort, so that what is known can be told. The second
 * ends the process as it always does.
 */
export class Interruption implements Disposable {
  readonly #controller = new AbortController();
  #by: EndingSignal | undefined;

  constructor() {
    for (const signal of SIGNALS) process.on(signal, this.#onSignal);
  }

  /** Aborted by the first signal. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** The signal that came. */
  get by(): EndingSignal | undefined {
    return this.#by;
  }

  [Symbol.dispose](): void {
    for (const signal of SIGNALS) process.off(signal, this.#onSignal);
  }

  readonly #onSignal = (signal: NodeJS.Signals): void => {
    this[Symbol.dispose]();
    this.#by = signal as EndingSignal;
    this.#controller.abort();
  };
}

/** What a shell reports of a process that a signal ended: 130 for SIGINT. */
export function exitCodeOf(signal: EndingSignal): number {
  return 128 + constants.signals[signal];
}
