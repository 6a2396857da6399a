import { AbortError, abortCallbacks } from '@polyring/core';
import type { Pool, PoolWaiter } from './pool.js';

/**
 * Waits for room in a pool.
 *
 * @param take takes what is wanted, all or nothing. It throws PoolExhaustedError while there is no room; what else it throws is the end
 * @param signal ends the waiting with an AbortError
 */
export function takeLater<T>(pool: Pool, signal: AbortSignal | undefined, take: () => T | PromiseLike<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const waiter: PoolWaiter = {
      serve() {
        try {
          resolve(take());
        } catch (error) {
          if (pool.mayWaitFor(error)) throw error;
          reject(error);
        }
        leaveSignal();
      },
      refuse(error) {
        leaveSignal();
        reject(error);
      },
    };
    const abort = (): void => {
      pool.leave(waiter);
      reject(new AbortError(signal?.reason));
    };
    const leaveSignal = (): void => {
      if (signal !== undefined) abortCallbacks.remove(signal, abort);
    };
    if (signal !== undefined) abortCallbacks.add(signal, abort);
    pool.wait(waiter);
  });
}
