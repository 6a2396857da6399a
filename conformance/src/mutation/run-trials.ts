import { loadSubject, runRule } from '@polyring/testkit';
import { judgementOf } from '../../../packages/testkit/dist/judging/judgement.js';
import { ruleOf } from './table.js';
import type { TrialJob } from './trial-process.js';

/*
 * The process of a `TrialProcess`: its argument is the driver's query. The message of one trial comes when the answer to
 * the one before is out.
 */
const SUBJECT = new URL('../subject.js', import.meta.url);

process.once('disconnect', () => process.exit(1));
const subject = loadSubject(`${SUBJECT.href}?${process.argv[2]}`);
process.on('message', async ({ id, seed, timeLimit }: TrialJob) => {
  process.send?.(judgementOf(await runRule({ ...ruleOf(id), timeLimit }, await subject, { seed })));
});
