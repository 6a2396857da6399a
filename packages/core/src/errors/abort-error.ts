import { invalidArgType } from './argument-error.js';

/** The error of an operation that its AbortSignal ended, in Node's form. */
export class AbortError extends Error {
  readonly code = 'ABORT_ERR';

  /** @param reason the signal's reason, kept as `cause` */
  constructor(reason?: unknown) {
    super('The operation was aborted', reason === undefined ? undefined : { cause: reason });
  }

  override get name(): string {
    return 'AbortError';
  }
}

/** Throws unless `signal` is an AbortSignal that was not aborted, or undefined. */
export function checkAbortSignal(signal: unknown): asserts signal is AbortSignal | undefined {
  if (signal === undefined) return;
  if (!(signal instanceof AbortSignal)) throw invalidArgType('options.signal', 'an AbortSignal', signal);
  if (signal.aborted) throw new AbortError(signal.reason);
}
