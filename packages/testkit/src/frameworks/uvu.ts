import { test } from 'uvu';
import { inapplicable } from '../running/applicability.js';
import { runRule } from '../running/run-rule.js';
import type { Subject } from '../subject.js';
import { type FilteredRunOptions, filteredRules } from './filtered-rules.js';

/**
 * Registers one test of uvu per rule and starts them. A rule that the driver's capabilities
 * exclude is skipped, with one line for all that have the same reason; a stochastic rule that fails says so and passes.
 *
 * @throws Error if the filter accepts no rule
 * @throws what `create` of the backend throws: a driver is made to be asked for its capabilities
 */
export function registerRules(subject: Subject, options: FilteredRunOptions = {}): void {
  const rules = filteredRules(options);
  const driver = subject.factory.create();
  const { supports } = driver;
  test.before(() => driver.close());
  const skipped = new Map<string, number>();
  for (const rule of rules) {
    const reason = inapplicable(rule, supports);
    if (reason !== undefined) {
      skipped.set(reason, 1 + (skipped.get(reason) ?? 0));
      // uvu counts it when it is registered, and calls nothing.
      test.skip(rule.id);
      continue;
    }
    test(`${rule.id}: ${rule.expectation}`, async () => {
      const result = await runRule(rule, subject, options);
      if (result.reason !== undefined) console.log(`  ${rule.id}: ${result.outcome}, ${result.reason}`);
      if (result.outcome !== 'failed') return;
      if (rule.class === 'required') throw result.error;
      console.log(`  ${rule.id} (${rule.class}): ${String(result.error)}`);
    });
  }
  for (const [reason, count] of skipped) console.log(`skipped: ${count} of the rules, as ${reason}`);
  test.run();
}
