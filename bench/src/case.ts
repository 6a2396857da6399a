import type { MeasureName } from './measures.js';
import type { Rival } from './rivals/rival.js';
import type { Workshop } from './workshop.js';

/** What a case must reach: a floor or a ceiling for a measure of one rival, mostly beside another one. */
export interface Target {
  readonly measure: MeasureName;
  /** The rival whose target it is; the first of the case by default. */
  readonly of?: string;
  /** How the two are compared, round by round; `value` needs no other. */
  readonly as: 'ratio' | 'difference' | 'value';
  /** The rival beside which it is measured. */
  readonly beside?: string;
  readonly sense: '≥' | '≤';
  readonly bound: number;
  /** The rival that shows how much there is to reach, measured beside the same one. */
  readonly limit?: string;
}

/** Charts of the page that draw several cases along one axis. */
export type ChartName = 'reads' | 'echo' | 'timers';

/** One comparison. Data, and how to prepare what all its rivals need. */
export interface Case {
  readonly name: string;
  readonly title: string;
  /** What is done, and how the results are verified. */
  readonly about: string;
  /** What is counted, in the singular. */
  readonly operation: string;
  readonly measures: readonly MeasureName[];
  /** The first is the subject. */
  readonly rivals: readonly Rival[];
  readonly targets: readonly Target[];
  /** Where the case stands on the axis of a chart. */
  readonly plot?: { readonly chart: ChartName; readonly at: number };
  /** Part of the short run too. */
  readonly quick?: boolean;
  /** Why nobody can be measured here; undefined where they can. */
  lacks?(workshop: Workshop): string | undefined;
  /** Runs before each round. */
  beforeRound?(workshop: Workshop): Promise<void> | void;
}

/** Makes targets for a measure of one rival beside that of another one. */
function compared(as: 'ratio' | 'difference') {
  return (measure: MeasureName, sense: Target['sense'], bound: number, beside: string, of?: string): Target => ({
    ...value(measure, sense, bound, of),
    as,
    beside,
  });
}

/** A target on the ratio to another rival. */
export const ratio = compared('ratio');

/** A target on the difference to another rival. */
export const difference = compared('difference');

/** A target whose limit is measured too. */
export function limitedBy(limit: string, target: Target): Target {
  return { ...target, limit };
}

/** A target on the value itself. */
export function value(measure: MeasureName, sense: Target['sense'], bound: number, of?: string): Target {
  return { measure, as: 'value', sense, bound, ...(of !== undefined && { of }) };
}
