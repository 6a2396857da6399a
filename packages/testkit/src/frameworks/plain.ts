import { type RuleResult, runRule } from '../running/run-rule.js';
import type { Subject } from '../subject.js';
import { type FilteredRunOptions, filteredRules } from './filtered-rules.js';

/**
 * Runs rules in this process, one after another, and returns their results as data. Never rejects because of the driver.
 *
 * @throws Error if the filter accepts no rule
 */
export async function runRules(subject: Subject, options: FilteredRunOptions = {}): Promise<RuleResult[]> {
  const results: RuleResult[] = [];
  for (const rule of filteredRules(options)) results.push(await runRule(rule, subject, options));
  return results;
}
