/** The parts of all operations at which latencies are given. */
export const QUANTILES = [0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 1] as const;

/** What one measurement of one rival gave. Contestants in other processes print it as one line of JSON. */
export interface Sample {
  /** Operations that were done. */
  readonly operations: number;
  readonly seconds: number;
  /** Processor time of the process under test, its kernel threads included, in seconds. */
  readonly cpuSeconds?: number;
  /** Operations that failed, or whose result was wrong. A sample counts only if there are none. */
  readonly errors: number;
  /** Latencies in microseconds, one for each of {@link QUANTILES}. */
  readonly quantiles?: readonly number[];
  /** What else a case measures, by name. */
  readonly figures?: Readonly<Record<string, number>>;
}

/** Whether no operation ended in the time, and none failed. */
export function didNothing({ operations, errors, seconds }: Sample): boolean {
  return !(operations > 0 && seconds > 0) && errors === 0;
}

/** Why a sample must not be shown; undefined for a sound one. */
export function faultOf(sample: Sample): string | undefined {
  const { operations, errors } = sample;
  if (didNothing(sample)) return 'it did nothing';
  return errors === 0 ? undefined : `${errors} of ${operations} operations went wrong`;
}

/** The latencies at {@link QUANTILES}, of times in microseconds. */
export function quantilesOf(microseconds: readonly number[]): number[] {
  const sorted = Float64Array.from(microseconds).sort();
  return QUANTILES.map((part) => sorted[Math.max(0, Math.ceil(sorted.length * part) - 1)] ?? Number.NaN);
}
