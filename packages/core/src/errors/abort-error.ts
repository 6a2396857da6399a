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

/**
 * Throws unless `signal` is an AbortSignal that was not aborted, or undefined. It is known by what is used of it, as
 * those of another realm are no instances of this one's class.
 */
export function checkAbortSignal(signal: unknown): asserts signal is AbortSignal | undefined {
  if (signal === undefined) return;
  if (!isAbortSignal(signal)) throw invalidArgType('options.signal', 'an instance of AbortSignal', signal);
  if (signal.aborted) throw new AbortError(signal.reason);
}

function isAbortSignal(value: unknown): value is AbortSignal {
  if (typeof value !== 'object' || value === null) return false;
  const { aborted, addEventListener, removeEventListener } = value as Partial<AbortSignal>;
  return (
    typeof aborted === 'boolean' && typeof addEventListener === 'function' && typeof removeEventListener === 'function'
  );
}
