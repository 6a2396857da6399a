import type { Rule } from '../rule.js';
import { rules } from '../rules/index.js';
import type { RunOptions } from '../running/run-rule.js';

/** How rules are run, and which. */
export interface FilteredRunOptions extends RunOptions {
  /** Runs the rules that it accepts. All by default. */
  readonly filter?: (rule: Rule) => boolean;
}

/**
 * The rules of the kit that a filter accepts.
 *
 * @throws Error if it accepts none, since a run without rules would pass
 */
export function filteredRules({ filter = () => true }: FilteredRunOptions): Rule[] {
  const accepted = rules.filter(filter);
  if (accepted.length === 0) {
    throw new Error('The filter accepts no rule of the kit. "polyring-testkit --list" names them all.');
  }
  return accepted;
}
