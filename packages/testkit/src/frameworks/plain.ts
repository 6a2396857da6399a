import type { Rule } from '../rule.js';
import { type RuleResult, type RunOptions, runRule } from '../running/run-rule.js';
import type { Subject } from '../subject.js';
import { filteredRules } from './filtered-rules.js';

/** Which rules are run, and how. */
export interface PlainOptions extends RunOptions {
  /** Runs the rules that it accepts. All by default. */
  readonly filter?: (rule: Rule) => boolean;
}

/**
 * Runs rules in this process, one after another, and returns their results as data. Never rejects because of the driver.
 *
 * @throws Error if the filter accepts no rule
 */
export async function runRules(subject: Subject, options: PlainOptions = {}): Promise<RuleResult[]> {
  const results: RuleResult[] = [];
  for (const rule of filteredRules(options.filter)) results.push(await runRule(rule, subject, options));
  return results;
}
