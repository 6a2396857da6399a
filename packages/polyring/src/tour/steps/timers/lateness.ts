import { type Instant, now } from '@polyring/core';
import { spreadOf } from '../../statistics.js';
import type { Side } from '../../step.js';

/** Timers on each side. */
export const TIMERS = 1_000;

/** Milliseconds of the shortest timers: longer than it takes to start them all. */
export const SHORTEST = 50;
/** Milliseconds of the longest. The others are spread evenly between. */
export const LONGEST = 549;

/** Some kind of timers. */
export interface Timers {
  /** What makes them, such as `setTimeout`. */
  readonly by: string;
  /** Resolves after a whole number of milliseconds, with the time then. */
  sleep(milliseconds: number): Promise<Instant>;
}

/**
 * Runs timers at the same time, and compares when each was over with when it should have been.
 *
 * @param progress is told the timers that were over so far
 */
export async function measureLateness({ by, sleep }: Timers, progress: (timers: number) => void): Promise<Side> {
  let over = 0;
  const lateness = await Promise.all(
    Array.from({ length: TIMERS }, async (_, index) => {
      const milliseconds = SHORTEST + (index % (LONGEST - SHORTEST + 1));
      const deadline = now() + milliseconds;
      const late = (await sleep(milliseconds)) - deadline;
      over += 1;
      progress(over);
      return late;
    }),
  );
  const early = lateness.filter((late) => late < 0).length;
  const { median, p99, longest } = spreadOf(lateness);
  return {
    by,
    measures: {
      operations: over,
      early,
      medianLateMilliseconds: median,
      p99LateMilliseconds: p99,
      longestLateMilliseconds: longest,
    },
  };
}
