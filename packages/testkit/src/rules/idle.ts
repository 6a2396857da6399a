import type { Driver } from '@polyring/core';
import { ready } from '../polling/ready.js';
import { assertSleeps } from '../polling/sleep.js';
import { Wakes } from '../polling/wakes.js';
import type { Rule } from '../rule.js';
import type { RuleContext } from '../running/context.js';
import { allWaitables, type Waitable } from '../waitables/object-waitables.js';
import { ruleOf } from './rule-of.js';

/** What was done with objects whose events have come. */
const before: Readonly<Record<string, (context: RuleContext, driver: Driver, all: readonly Waitable[]) => unknown>> = {
  'no poll': (_context, _driver, all) => {
    for (const { raise } of all) raise();
  },
  'a wake': async (context, driver, all) => {
    const waiting = all.map((waitable) => ({ ...waitable, wakes: new Wakes() }));
    for (const { arm, wakes } of waiting) arm(wakes.waker);
    await context.barrier(driver);
    // A wake for nothing may have taken the waker: whoever is woken polls again.
    for (const { arm, wakes } of waiting) if (wakes.count > 0) arm(wakes.waker);
    await Promise.all(
      waiting.map(({ raise, wakes }) => {
        const seen = wakes.count;
        raise();
        return wakes.beyond(seen);
      }),
    );
  },
  'an answer': async (_context, _driver, all) => {
    for (const { raise } of all) raise();
    await Promise.all(all.map(({ poll }) => ready(poll)));
  },
};

async function isQuiet(context: RuleContext): Promise<void> {
  for (const [way, leave] of Object.entries(before)) {
    const driver = await context.createDriver();
    await leave(context, driver, allWaitables(context.fixtures, driver));
    await context.barrier(driver);
    await assertSleeps(driver, 200, `objects whose events had come were idle after ${way}`);
  }
}

/** The rule of objects that nobody polls. */
export const idleRules: readonly Rule[] = [
  ruleOf('lifecycle', 'lifecycle')(
    'idle-is-quiet',
    'Objects that nobody polls let the loop sleep, whatever has come for them',
    isQuiet,
  ),
];
