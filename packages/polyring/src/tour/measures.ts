/** How a measure is shown to people. */
interface Presentation {
  /** With `%` for what the step counts, such as `messages`. */
  readonly heading: string;
  /** Digits after the point. */
  readonly digits: number;
}

/** Everything a step measures, by its name in the JSON document and in the order of the table's columns. */
export const MEASURES = {
  bytes: { heading: 'bytes', digits: 0 },
  operations: { heading: '%', digits: 0 },
  seconds: { heading: 'seconds', digits: 3 },
  operationsPerSecond: { heading: '%/s', digits: 0 },
  medianMilliseconds: { heading: 'median ms', digits: 3 },
  early: { heading: 'early', digits: 0 },
  medianLateMilliseconds: { heading: 'median ms late', digits: 3 },
  p99LateMilliseconds: { heading: 'p99 ms late', digits: 3 },
  longestLateMilliseconds: { heading: 'longest ms late', digits: 3 },
} as const satisfies Record<string, Presentation>;

/** The name of a measure. */
export type MeasureName = keyof typeof MEASURES;

/** What a side of a step measured. */
export type Measures = { readonly [name in MeasureName]?: number };

/** The measures of operations that took some time together. */
export function rate(operations: number, seconds: number) {
  return { operations, seconds, operationsPerSecond: operations / seconds } satisfies Measures;
}
