import { abortCallbacks, type Driver, type PollOptions, timeoutError } from '@polyring/core';
import { type CallOptions, checkCallOptions } from './call-options.js';
import { TimeLimit } from './time-limit.js';

/**
 * Gives a call that knows signals a time limit as well.
 *
 * @param body the call; it rejects once the signal that it is given aborts
 * @throws (rejects) ERR_POLYRING_TIMEOUT; as `body`; ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
 */
export async function limited<T>(
  driver: Driver,
  options: CallOptions | undefined,
  body: (options: PollOptions | undefined) => Promise<T>,
): Promise<T> {
  const limits = checkCallOptions(options);
  const timeout = limits?.timeout;
  if (timeout === undefined || timeout === Infinity) return body(limits);
  const controller = new AbortController();
  const signal = limits?.signal;
  let passed = false;
  const limit = new TimeLimit(driver, timeout, () => {
    passed = true;
    controller.abort();
  });
  const abort = (): void => {
    // The signal has decided, however long the end takes from now on.
    limit[Symbol.dispose]();
    controller.abort(signal?.reason);
  };
  if (signal !== undefined) abortCallbacks.add(signal, abort);
  try {
    return await body({ signal: controller.signal });
  } catch (error) {
    throw passed && (error as Error | undefined)?.name === 'AbortError' ? timeoutError(timeout) : error;
  } finally {
    limit[Symbol.dispose]();
    if (signal !== undefined) abortCallbacks.remove(signal, abort);
  }
}
