import type { Rule } from '../rule.js';
import { rules } from '../rules/index.js';
import { type RuleResult, type RunOptions, runRule } from '../run-rule.js';
import type { Subject } from '../subject.js';

/** Which rules are run, and how. */
export interface PlainOptions extends RunOptions {
  /** Runs the rules that it accepts. All by default. */
  readonly filter?: (rule: Rule) => boolean;
}

/** Runs rules in this process, one after another, and returns their results as data. Never rejects because of the driver. */
export async function runRules(subject: Subject, options: PlainOptions = {}): Promise<RuleResult[]> {
  const { filter = () => true } = options;
  const results: RuleResult[] = [];
  for (const rule of rules.filter(filter)) results.push(await runRule(rule, subject, options));
  return results;
}
