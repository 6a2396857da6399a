import type { Entry } from '@polyring/core';

/** How a ring does a call that would have to wait. */
export interface Completing<T> {
  /**
   * Whether the call moves bytes. Such a call is attempted first, and where it is ended it waits to be told how many
   * were moved. Any other is the ring's from the start, and ends at once.
   */
  readonly transfers: boolean;
  /** The operation; undefined where it is better to wait for the descriptor. */
  entry(): Entry | undefined;
  /**
   * The operation is over.
   *
   * @param result its result, or a negative error number; ECANCELED if it was cancelled without effect
   * @returns as the attempt: EAGAIN to be attempted again, after ECANCELED when the descriptor is ready
   */
  completed(result: number): T | number;
}
