import { type SystemErrorDetails, systemError } from '@polyring/core';

/**
 * Hands on what a call answered.
 *
 * @throws the system error of a negative answer
 */
export function succeeded(result: number, syscall: string, details?: SystemErrorDetails): number {
  if (result < 0) throw systemError(result, syscall, details);
  return result;
}

/** As {@link succeeded}, for a call that answers with two descriptors. */
export function succeededPair(result: [number, number] | number, syscall: string): [number, number] {
  if (typeof result === 'number') throw systemError(result, syscall);
  return result;
}
