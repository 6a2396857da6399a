/** How the worker is to signal: by writing to an eventfd, or by posting to its port. */
export interface SignalPlan {
  /** The eventfd; undefined to post. */
  readonly eventfd: number | undefined;
  /** How many signals. */
  readonly signals: number;
  /** One word: the number of the signal that the worker may give. */
  readonly turn: Int32Array;
}
