import { millisecondsOf, type PollOptions, requireSignal } from '@polyring/core';

/** What every call of a polled object takes. Whichever comes first decides: the result, the signal or the time. */
export interface CallOptions extends PollOptions {
  /** Milliseconds after which the call rejects with ERR_POLYRING_TIMEOUT. Default: no limit. */
  readonly timeout?: number | undefined;
}

/**
 * Checks what may end a call.
 *
 * @returns the options, or undefined where nothing but its result can end the call
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE; AbortError for a signal that has aborted already
 */
export function checkCallOptions(options: CallOptions | undefined): CallOptions | undefined {
  const signal = requireSignal(options);
  const timeout = options?.timeout;
  if (timeout !== undefined) millisecondsOf(timeout, 'options.timeout');
  return signal === undefined && (timeout === undefined || timeout === Infinity) ? undefined : options;
}
