import type { SystemErrorDetails } from '@polyring/core';
import { succeeded } from './outcome.js';

/**
 * The outcome of a call in a thread of libuv's pool.
 *
 * @param start has the callback called with the result
 * @throws (rejects) the system error of a negative result
 */
export function inPool(
  start: (callback: (result: number) => void) => void,
  syscall: string,
  details: SystemErrorDetails,
): Promise<number> {
  return new Promise((resolve, reject) => {
    start((result) => {
      try {
        resolve(succeeded(result, syscall, details));
      } catch (error) {
        reject(error);
      }
    });
  });
}
