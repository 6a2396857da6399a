import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { RuleReport } from '../report/report.js';
import type { Rule } from '../rule.js';
import { loadSubject } from '../subject.js';
import { inProcessJudge } from './in-process-judge.js';

const subject = await loadSubject(import.meta.resolve('@polyring/backend-epoll'));
const judge = inProcessJudge(subject, 1);

function judgeRule(check: Rule['check'], seed: number, signal = new AbortController().signal) {
  const rule: Rule = { id: 'test.rule', class: 'required', expectation: 'It holds', section: 'tests', check };
  return judge({ rule, round: 3, seed }, signal);
}

async function chanceOf(seed: number): Promise<string | undefined> {
  const report = await judgeRule(async ({ random }) => assert.unreachable(`chance ${random.next()}`), seed);
  return report?.error?.message;
}

test('a result tells the rule, the round and the seed', async () => {
  const { milliseconds, ...report } = (await judgeRule(async () => {}, 9)) as RuleReport;
  assert.ok(milliseconds > 0);
  assert.equal(report, {
    id: 'test.rule',
    class: 'required',
    expectation: 'It holds',
    section: 'tests',
    round: 3,
    seed: 9,
    outcome: 'passed',
  });
});

test('the same seed gives a rule the same chance, another seed another', async () => {
  const first = await chanceOf(41);
  assert.match(first ?? '', /^chance \d+$/);
  assert.is(await chanceOf(41), first);
  assert.is.not(await chanceOf(42), first);
});

test('an abort ends the waiting for a rule, without a result', async () => {
  const abort = new AbortController();
  const report = judgeRule(
    async () => {
      abort.abort();
      await new Promise((resolve) => setImmediate(resolve));
    },
    1,
    abort.signal,
  );
  assert.is(await report, undefined);
});

test.run();
