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
