import type { Case, Target } from '../case.js';
import { MEASURES, type Measure, type MeasureName } from '../measures.js';
import type { Outcome } from '../rounds.js';
import type { Sample } from '../sample.js';
import { mean, median, quantile } from '../statistics.js';
import type { Effort } from '../workshop.js';
import type { Machine } from './machine.js';

/** A run, as data: what `--json` writes, and what every rendering is made of. */
export interface Report {
  readonly startedAt: string;
  readonly machine: Machine;
  readonly effort: Effort;
  readonly cases: readonly CaseReport[];
}

/** What a case gave. */
export interface CaseReport extends Pick<Case, 'name' | 'title' | 'about' | 'operation' | 'measures' | 'plot'> {
  /** Sound results only; the subject first. */
  readonly rows: readonly Row[];
  readonly verdicts: readonly Verdict[];
  /** Rivals without a row: what this machine lacks, and results of which one was wrong. */
  readonly absent: readonly Absence[];
}

/** One rival's results. */
export interface Row {
  readonly rival: string;
  readonly measured: Readonly<Partial<Record<MeasureName, Distribution>>>;
  /** The median of the ratios first row / this one of the first measure, round by round. */
  readonly ratio?: number;
  /** Medians of the latencies in microseconds, at `QUANTILES`. */
  readonly quantiles?: readonly number[];
}

/** Values of the rounds. */
export interface Distribution {
  readonly median: number;
  readonly lowest: number;
  readonly highest: number;
}

/** How a target was met. */
export interface Verdict extends Target {
  readonly of: string;
  /** Undefined where one of the two has no results. */
  readonly measured?: number;
  /** Between these are the middle half of what the rounds gave. */
  readonly quartiles?: readonly [lower: number, upper: number];
  readonly met?: boolean;
  /** What the limit gave. */
  readonly limited?: number;
}

/** Why a rival has no row. */
export interface Absence {
  readonly rival: string;
  readonly why: string;
  /** Results were wrong, or there was an error: not merely a rival that this machine lacks. */
  readonly fault: boolean;
}

/** What the outcomes of a case mean. */
export function reportCase(subject: Case, outcomes: readonly Outcome[]): CaseReport {
  const { name, title, about, operation, measures, plot, rivals, targets } = subject;
  const shown = outcomes.filter(({ samples }) => samples.length > 0);
  const first = shown.find(({ rival }) => rival === rivals[0]?.name);
  return {
    name,
    title,
    about,
    operation,
    measures,
    ...(plot !== undefined && { plot }),
    rows: shown.map((outcome) => row(outcome, first, measures)),
    verdicts: targets.map((target) => judge({ ...target, of: target.of ?? (rivals[0]?.name as string) }, shown)),
    absent: outcomes.flatMap(({ rival, missing, fault }) => {
      const why = missing ?? fault;
      return why === undefined ? [] : [{ rival, why, fault: fault !== undefined }];
    }),
  };
}

function row({ rival, samples }: Outcome, first: Outcome | undefined, measures: readonly MeasureName[]): Row {
  const measured: Partial<Record<MeasureName, Distribution>> = {};
  for (const name of measures) {
    const values = valuesOf(samples, name);
    if (values.length > 0) {
      measured[name] = { median: median(values), lowest: Math.min(...values), highest: Math.max(...values) };
    }
  }
  const ratios = first === undefined ? undefined : compare(first.samples, samples, measures[0] as MeasureName, 'ratio');
  const ratio = ratios && median(ratios);
  const quantiles = samples[0]?.quantiles?.map((_, index) =>
    median(samples.map((sample) => sample.quantiles?.[index] as number)),
  );
  return { rival, measured, ...(ratio !== undefined && { ratio }), ...(quantiles !== undefined && { quantiles }) };
}

function judge(target: Target & { readonly of: string }, outcomes: readonly Outcome[]): Verdict {
  const samplesOf = (name: string | undefined): readonly Sample[] =>
    outcomes.find(({ rival }) => rival === name)?.samples ?? [];
  const compared = (name: string | undefined): readonly number[] | undefined =>
    compare(samplesOf(name), samplesOf(target.beside ?? name), target.measure, target.as);
  const rounds = compared(target.of);
  if (rounds === undefined) return target;
  const { judgedBy }: Measure = MEASURES[target.measure];
  const average = judgedBy === 'mean' ? mean : median;
  const measured = average(rounds);
  const limits = compared(target.limit);
  return {
    ...target,
    measured,
    quartiles: [quantile(rounds, 0.25), quantile(rounds, 0.75)],
    met: target.sense === '≥' ? measured >= target.bound : measured <= target.bound,
    ...(limits !== undefined && { limited: average(limits) }),
  };
}

const COMPARISONS: Record<Target['as'], (own: number, other: number) => number> = {
  ratio: (own, other) => own / other,
  difference: (own, other) => own - other,
  value: (own) => own,
};

/** A comparison within each round. */
function compare(
  own: readonly Sample[],
  others: readonly Sample[],
  measure: MeasureName,
  as: Target['as'],
): readonly number[] | undefined {
  const [left, right] = [valuesOf(own, measure), valuesOf(others, measure)];
  const compared = left.slice(0, right.length).map((value, round) => COMPARISONS[as](value, right[round] as number));
  // There is no ratio of nothing to nothing.
  return compared.length === 0 || compared.some(Number.isNaN) ? undefined : compared;
}

function valuesOf(samples: readonly Sample[], name: MeasureName): number[] {
  return samples.map((sample) => MEASURES[name].of(sample)).filter((value) => value !== undefined);
}
