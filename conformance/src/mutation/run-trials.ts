import { inspect } from 'node:util';
import { loadSubject, type RuleResult, runRule } from '@polyring/testkit';
import { ruleOf } from './table.js';
import { shortened, type Trial, type TrialJob } from './trial-process.js';

/*
 * The process of a `TrialProcess`: its argument is the driver's query. The message of one trial comes when the answer to
 * the one before is out.
 */
const SUBJECT = new URL('../subject.js', import.meta.url);

process.once('disconnect', () => process.exit(1));
const subject = loadSubject(`${SUBJECT.href}?${process.argv[2]}`);
process.on('message', async ({ id, seed, timeLimit }: TrialJob) => {
  process.send?.(trialOf(await runRule({ ...ruleOf(id), timeLimit }, await subject, { seed })));
});

function trialOf({ outcome, reason = '', error, milliseconds }: RuleResult): Trial {
  const finding = outcome === 'failed' ? shortened(error instanceof Error ? String(error) : inspect(error)) : reason;
  return { verdict: outcome, finding, milliseconds };
}
