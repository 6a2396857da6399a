import { test } from 'uvu';
import type { Rule } from '../rule.js';
import { rules } from '../rules/index.js';
import { type RunOptions, runRule } from '../run-rule.js';
import type { Subject } from '../subject.js';

/** How the rules become tests of uvu. */
export interface UvuOptions extends RunOptions {
  /** Runs the rules that it accepts. All by default. */
  readonly filter?: (rule: Rule) => boolean;
}

/**
 * Registers one test of uvu per rule and starts them. A rule that the driver's capabilities
 * exclude passes with a line that says why; a stochastic rule that fails says so and passes.
 */
export function registerRules(subject: Subject, options: UvuOptions = {}): void {
  const { filter = () => true } = options;
  for (const rule of rules.filter(filter)) {
    test(`${rule.id}: ${rule.expectation}`, async () => {
      const result = await runRule(rule, subject, options);
      if (result.reason !== undefined) console.log(`  ${rule.id}: ${result.outcome}, ${result.reason}`);
      if (result.outcome !== 'failed') return;
      if (rule.class === 'required') throw result.error;
      console.log(`  ${rule.id} (${rule.class}): ${String(result.error)}`);
    });
  }
  test.run();
}
