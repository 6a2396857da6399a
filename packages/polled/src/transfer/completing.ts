/** An operation of a ring that does a call. */
export interface RingWork {
  /**
   * Hands the operation to the kernel, if it is not there yet.
   *
   * @returns what it is over with by that, if that is known. It is told of later, as ever
   */
  flush(): number | undefined;
  /** Has it end. That it is over is told as ever. */
  cancel(): void;
}

/** Who is told, later, that an operation is over. */
export interface RingWorkHost {
  /** @param outcome the result, a negative error number, or the error of an operation whose result nobody knows */
  completed(outcome: number | Error): void;
}

/** How a ring does a call. */
export interface Completing<T> {
  /**
   * Whether the call moves bytes. Where such a call is ended it waits to be told how many were moved; any other ends at
   * once.
   */
  readonly transfers: boolean;
  /** Whether it is the ring's from the start, and not only when it has to wait. */
  readonly first: boolean;
  /** Starts the operation; undefined where it is better to wait for the descriptor. */
  start(host: RingWorkHost): RingWork | undefined;
  /**
   * The operation is over.
   *
   * @param result its result, or a negative error number; ECANCELED if it was cancelled without effect
   * @param givenUp whether who has made the call is told, or was told, of something else
   * @returns as the attempt: EAGAIN to be attempted again, after ECANCELED when the descriptor is ready
   */
  completed(result: number, givenUp: boolean): T | number;
  /** Whether such a result leaves nothing to be done, so that the calls behind may be made before it is told. */
  isDoneWith?(result: number): boolean;
}
