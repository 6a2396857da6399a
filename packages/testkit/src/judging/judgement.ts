import type { RuleReport } from '../report/report.js';
import { reportError } from '../report/reported-error.js';
import type { RuleResult } from '../running/run-rule.js';

/** What running a rule found out, as data. */
export type Judgement = Pick<RuleReport, 'outcome' | 'milliseconds' | 'reason' | 'error' | 'end' | 'output'>;

/** Turns the result of a rule into data. */
export function judgementOf({ outcome, milliseconds, reason, error }: RuleResult): Judgement {
  return {
    outcome,
    milliseconds,
    ...(reason === undefined ? {} : { reason }),
    ...(outcome === 'failed' ? { error: reportError(error) } : {}),
  };
}
