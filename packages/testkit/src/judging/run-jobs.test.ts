import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Rule } from '../rule.js';
import { type Job, type Judge, jobsOf, reportOf } from './judge.js';
import { runJobs } from './run-jobs.js';

const rule = (id: string, ruleClass: Rule['class'] = 'required'): Rule => ({
  id,
  class: ruleClass,
  expectation: '',
  section: '',
  check: async () => {},
});
const JOBS = jobsOf([rule('a'), rule('b')], 2, 5);

/** A judge whose jobs end when the test says so, in any order. */
class ManualJudge {
  readonly running: { job: Job; end(): void }[] = [];
  readonly judge: Judge = (job, signal) =>
    new Promise((resolve) => {
      this.running.push({ job, end: () => resolve(reportOf(job, { outcome: 'passed', milliseconds: 1 })) });
      signal.addEventListener('abort', () => resolve(undefined));
    });
}

async function start(concurrency: number, jobs = JOBS) {
  const manual = new ManualJudge();
  const abort = new AbortController();
  const heard: string[] = [];
  const done = runJobs(jobs, {
    judge: manual.judge,
    concurrency,
    signal: abort.signal,
    started: ({ rule: { id }, round }) => heard.push(`start ${id}${round}`),
    ended: ({ id, round }) => heard.push(`end ${id}${round}`),
  });
  await turn();
  return { manual, abort, heard, done };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('each round runs every rule with the next seed', () => {
  assert.equal(
    JOBS.map(({ rule: { id }, round, seed }) => [id, round, seed]),
    [
      ['a', 1, 5],
      ['b', 1, 5],
      ['a', 2, 6],
      ['b', 2, 6],
    ],
  );
  assert.equal(
    jobsOf([rule('a')], 2, 2 ** 32 - 1).map(({ seed }) => seed),
    [2 ** 32 - 1, 0],
  );
});

test('one job runs at a time, in their order', async () => {
  const { manual, heard, done } = await start(1);
  for (let count = 1; count <= JOBS.length; count += 1) {
    assert.is(manual.running.length, count);
    manual.running[count - 1]?.end();
    await turn();
  }
  assert.equal(
    (await done).map(({ id, round }) => `${id}${round}`),
    ['a1', 'b1', 'a2', 'b2'],
  );
  assert.equal(heard.slice(0, 3), ['start a1', 'end a1', 'start b1']);
});

test('several jobs run at a time, and the results are in the order of the jobs all the same', async () => {
  const { manual, done } = await start(3);
  assert.is(manual.running.length, 3);
  manual.running[2]?.end();
  await turn();
  assert.is(manual.running.length, 4);
  for (const { end } of manual.running.reverse()) end();
  assert.equal(
    (await done).map(({ id, round }) => `${id}${round}`),
    ['a1', 'b1', 'a2', 'b2'],
  );
});

test('rules that measure run first and alone where several run at a time', async () => {
  const { manual, done } = await start(3, jobsOf([rule('a'), rule('b'), rule('m', 'stochastic')], 2, 5));
  for (const count of [1, 2]) {
    assert.is(manual.running.length, count);
    manual.running[count - 1]?.end();
    await turn();
  }
  const running = (): string[] => manual.running.map(({ job }) => `${job.rule.id}${job.round}`);
  assert.equal(running(), ['m1', 'm2', 'a1', 'b1', 'a2']);
  manual.running[2]?.end();
  await turn();
  for (const { end } of manual.running) end();
  assert.equal(
    (await done).map(({ id, round }) => `${id}${round}`),
    ['a1', 'b1', 'm1', 'a2', 'b2', 'm2'],
  );
});

test('an abort leaves what is known', async () => {
  const { manual, abort, heard, done } = await start(1);
  manual.running[0]?.end();
  await turn();
  abort.abort();
  assert.equal(
    (await done).map(({ id, round }) => `${id}${round}`),
    ['a1'],
  );
  assert.equal(heard, ['start a1', 'end a1', 'start b1']);
});

test.run();
