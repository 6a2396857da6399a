import type { KitReport, RuleReport } from './report.js';

/** How many results there are of each kind. */
export interface Totals {
  readonly passed: number;
  /** Required rules that failed. */
  readonly failed: number;
  /** Optional and stochastic rules that failed. */
  readonly tolerated: number;
  readonly skipped: number;
}

/** What a run says of the driver. */
export interface Verdict {
  /** Whether the driver keeps what the chosen rules ask for. */
  readonly ok: boolean;
  /** Why not; empty if it does. */
  readonly complaints: readonly string[];
  readonly totals: Totals;
}

/** Whether a result is a failure that counts. */
export function isFailure({ outcome, class: ruleClass }: RuleReport): boolean {
  return outcome === 'failed' && ruleClass === 'required';
}

/** Whether a result is a failure that does not count, of a rule that is not required. */
export function isTolerated({ outcome, class: ruleClass }: RuleReport): boolean {
  return outcome === 'failed' && ruleClass !== 'required';
}

/**
 * Judges a run: no required rule may have failed, none may have been skipped without a reason, at least one must have
 * run, and the run must have come to its end.
 */
export function verdictOf({ results, interrupted, chosen, rounds }: KitReport): Verdict {
  const count = (matches: (result: RuleReport) => boolean): number => results.filter(matches).length;
  const totals = {
    passed: count(({ outcome }) => outcome === 'passed'),
    failed: count(isFailure),
    tolerated: count(isTolerated),
    skipped: count(({ outcome }) => outcome === 'skipped'),
  };
  const silent = results.filter(({ outcome, reason = '' }) => outcome === 'skipped' && reason === '');
  const missing = chosen * rounds - results.length;
  const complaints = [
    ...(totals.failed > 0 ? [`${plural(totals.failed, 'failure')} of required rules`] : []),
    ...silent.map(({ id }) => `${id} was skipped without a reason`),
    ...(totals.passed + totals.failed + totals.tolerated === 0 ? ['no rule ran'] : []),
    ...(interrupted === undefined ? [] : [`the run was interrupted by ${interrupted}`]),
    ...(missing > 0 ? [`${plural(missing, 'result')} missing`] : []),
  ];
  return { ok: complaints.length === 0, complaints, totals };
}

/** The totals in words. */
export function formatTotals({ passed, failed, tolerated, skipped }: Totals): string {
  return [
    `${passed} passed`,
    `${failed} failed`,
    ...(tolerated > 0 ? [`${tolerated} failed without counting`] : []),
    ...(skipped > 0 ? [`${skipped} skipped`] : []),
  ].join(', ');
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
