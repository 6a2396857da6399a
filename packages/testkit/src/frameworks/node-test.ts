import { test } from 'node:test';
import { runRule } from '../running/run-rule.js';
import type { Subject } from '../subject.js';
import { type FilteredRunOptions, filteredRules } from './filtered-rules.js';

/**
 * Registers one test of `node:test` per rule. A rule that the driver's capabilities exclude is skipped with the
 * reason; an optional or stochastic rule that fails says so and passes. Tests of a file run one after another, which
 * the rules need.
 *
 * @throws Error if the filter accepts no rule
 */
export function registerRules(subject: Subject, options: FilteredRunOptions = {}): void {
  for (const rule of filteredRules(options)) {
    test(`${rule.id}: ${rule.expectation}`, async (context) => {
      const result = await runRule(rule, subject, options);
      if (result.outcome === 'skipped') context.skip(result.reason);
      else if (result.reason !== undefined) context.diagnostic(result.reason);
      if (result.outcome !== 'failed') return;
      if (rule.class === 'required') throw result.error;
      context.diagnostic(`${rule.class}, failed and does not count: ${String(result.error)}`);
    });
  }
}
