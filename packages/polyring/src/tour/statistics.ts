/** How some measured times are spread, in their unit. */
export interface Spread {
  /** Half of them are no longer. */
  readonly median: number;
  /** 99 of 100 are no longer. */
  readonly p99: number;
  readonly longest: number;
}

/** The spread of times, of which there is at least one. */
export function spreadOf(times: readonly number[]): Spread {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (part: number): number => sorted[Math.ceil(sorted.length * part) - 1] as number;
  return { median: at(0.5), p99: at(0.99), longest: at(1) };
}
