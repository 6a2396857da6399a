/** How a measure is shown to people. */
interface Presentation {
  readonly heading: string;
  /** Digits after the point. */
  readonly digits: number;
}

/** Everything a step measures, by its name in the JSON document and in the order of the table's columns. */
export const MEASURES = {
  bytes: { heading: 'bytes', digits: 0 },
  operations: { heading: 'operations', digits: 0 },
  seconds: { heading: 'seconds', digits: 3 },
  operationsPerSecond: { heading: 'operations/s', digits: 0 },
} as const satisfies Record<string, Presentation>;

/** The name of a measure. */
export type MeasureName = keyof typeof MEASURES;

/** What a side of a step measured. */
export type Measures = { readonly [name in MeasureName]?: number };

/** The measures of operations that took some time together. */
export function rate(operations: number, seconds: number) {
  return { operations, seconds, operationsPerSecond: operations / seconds } satisfies Measures;
}
