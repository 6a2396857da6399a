import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Case, limitedBy, ratio, value } from './case.js';
import { MissingRival } from './missing-rival.js';
import { reportCase } from './report/report.js';
import { foundOf, limitOf, quartilesOf } from './report/words.js';
import type { Rival, StartedRival } from './rivals/rival.js';
import { runCase } from './rounds.js';
import type { Sample } from './sample.js';
import { Workshop } from './workshop.js';

const GOOD: Sample = { operations: 10, seconds: 1, errors: 0, cpuSeconds: 2 };

/** A rival that answers with samples in turn, and notes when. */
function rival(name: string, samples: readonly Sample[], log: string[] = []): Rival {
  return {
    name,
    async start(): Promise<StartedRival> {
      let next = 0;
      return {
        async measure() {
          log.push(name);
          next += 1;
          return samples[Math.min(next, samples.length) - 1] as Sample;
        },
        async close() {
          log.push(`${name} closed`);
        },
      };
    },
  };
}

function caseOf(rivals: readonly Rival[], targets: Case['targets'] = []): Case {
  return { name: 'c', title: 'C', about: '', operation: 'thing', measures: ['rate', 'cpu'], rivals, targets };
}

async function report(subject: Case, rounds: number, warming = 0) {
  const effort = { rounds, warming, milliseconds: 1, blocks: 1 };
  using workshop = new Workshop(effort);
  const outcomes = await runCase(subject, workshop, effort, () => {});
  return { ...reportCase(subject, outcomes), rounds: outcomes.map(({ samples }) => samples.length) };
}

test('rounds alternate in direction, come after one that does not count, and close everybody', async () => {
  const log: string[] = [];
  await report(caseOf([rival('a', [GOOD], log), rival('b', [GOOD], log)]), 2);
  assert.is(log.join(' '), 'a b a b b a a closed b closed');
});

test('after three rounds everybody is started anew, and warmed up again', async () => {
  const log: string[] = [];
  const { rounds } = await report(caseOf([rival('a', [GOOD], log), rival('b', [GOOD], log)]), 4);
  assert.is(log.join(' '), 'a b a b b a a b a closed a b closed b b a a closed b closed');
  assert.equal(rounds, [4, 4]);
});

test('whose code is compiled as it runs is measured in vain for a time', async () => {
  const times: number[] = [];
  const slow: Rival = {
    name: 'a',
    warmsUp: true,
    async start() {
      times.push(performance.now());
      const measure = async () => {
        times.push(performance.now());
        return GOOD;
      };
      return { measure, close: async () => {} };
    },
  };
  const { rounds } = await report(caseOf([slow]), 1, 20);
  assert.ok((times.at(-1) as number) - (times[0] as number) >= 20);
  assert.equal(rounds, [1]);
});

test('a rival that does not start again is at fault', async () => {
  const once = rival('a', [GOOD]);
  let starts = 0;
  const start = (workshop: Workshop) => {
    starts += 1;
    return starts > 1 ? Promise.reject(new Error('gone')) : once.start(workshop);
  };
  const { absent } = await report(caseOf([{ name: 'a', start }, rival('b', [GOOD])]), 9);
  assert.equal(absent, [{ rival: 'a', why: 'gone', fault: true }]);
  assert.is(starts, 2);
});

test('ratios are medians of the ratios within each round', async () => {
  const speeds = (...values: number[]) => values.map((operations) => ({ ...GOOD, operations }));
  const { rows, verdicts } = await report(
    caseOf(
      [rival('a', speeds(1, 20, 40, 90)), rival('b', speeds(1, 10, 10, 10))],
      [ratio('rate', '≥', 4, 'b'), ratio('rate', '≥', 4.1, 'b'), ratio('cpu', '≤', 0.3, 'b')],
    ),
    3,
  );
  assert.equal(
    rows.map((row) => row.ratio),
    [1, 4],
  );
  assert.equal(
    verdicts.map(({ measured, met }) => [measured, met]),
    [
      [4, true],
      [4, false],
      [0.25, true],
    ],
  );
});

test('a verdict says how far its rounds lie apart, and what the limit gave in the same rounds', async () => {
  const speeds = (...values: number[]) => values.map((operations) => ({ ...GOOD, operations }));
  const { verdicts } = await report(
    caseOf(
      [rival('a', speeds(1, 10, 20, 40)), rival('b', speeds(10)), rival('best', speeds(1, 10, 50, 60))],
      [limitedBy('best', ratio('rate', '≥', 4, 'b')), limitedBy('nobody', ratio('rate', '≥', 2, 'b'))],
    ),
    3,
  );
  assert.equal(
    verdicts.map(({ measured, quartiles, limited }) => [measured, quartiles, limited]),
    [
      [2, [1.5, 3], 5],
      [2, [1.5, 3], undefined],
    ],
  );
  assert.equal(
    verdicts.map((verdict) => [quartilesOf(verdict), limitOf(verdict)]),
    [
      ['1.50 – 3.00', '5.00 ×, best'],
      ['1.50 – 3.00', ''],
    ],
  );
});

test('what is not to happen is judged by all rounds together', async () => {
  const quiet = { wakeups: 0, idleCpu: 0, memory: 0 };
  let windows = 0;
  const waking: Rival = {
    name: 'a',
    async start() {
      const measure = async () => {
        windows += 1;
        return { ...GOOD, figures: windows === 7 ? { wakeups: 9, idleCpu: 0.018, memory: 900 } : quiet };
      };
      return { measure, close: async () => {} };
    },
  };
  const targets = [value('wakeups', '≤', 0), value('idleCpu', '≤', 0), value('memory', '≤', 0)];
  const { verdicts } = await report(caseOf([waking], targets), 9);
  assert.equal(
    verdicts.map(({ measured, met }) => [measured, met]),
    [
      [1, false],
      [0.002, false],
      [0, true],
    ],
  );
});

test('what was missed is not rounded to what would have met it', () => {
  const target = { ...ratio('rate', '≥', 1.2, 'b'), of: 'a' };
  const found = (measured: number) => foundOf({ ...target, measured, met: measured >= target.bound });
  assert.equal([1.1994, 1.2, 1.2004, 1.19].map(found), ['1.1994 ×', '1.20 ×', '1.20 ×', '1.19 ×']);
});

test('what went wrong or did nothing in any round is not shown, and meets no target', async () => {
  for (const bad of [
    { ...GOOD, errors: 1 },
    { ...GOOD, errors: Number.NaN },
    { ...GOOD, operations: 0 },
  ]) {
    const { rows, absent, verdicts } = await report(
      caseOf([rival('a', [GOOD, GOOD, bad]), rival('b', [GOOD])], [ratio('rate', '≥', 0, 'b')]),
      3,
    );
    assert.equal(
      rows.map((row) => row.rival),
      ['b'],
    );
    assert.is(absent[0]?.fault, true);
    assert.is(verdicts[0]?.met, undefined);
  }
});

test('a round in which nothing was done is repeated once', async () => {
  const nothing = { ...GOOD, operations: 0 };
  const log: string[] = [];
  const { rows, rounds } = await report(caseOf([rival('a', [nothing, GOOD, nothing, GOOD], log)]), 1);
  assert.is(rows[0]?.measured.rate?.lowest, 10);
  assert.equal(rounds, [1]);
  assert.is(log.join(' '), 'a a a a a closed');
});

test('what cannot be prepared is a fault of the case, and ends it', async () => {
  const log: string[] = [];
  const beforeRound = () => {
    if (log.length > 0) throw new Error('no room');
  };
  const missing: Rival = { name: 'b', start: () => Promise.reject(new MissingRival('not here')) };
  const { rows, absent } = await report({ ...caseOf([rival('a', [GOOD], log), missing]), beforeRound }, 5);
  assert.equal(rows, []);
  assert.equal(absent, [
    { rival: 'a', why: 'no room', fault: true },
    { rival: 'b', why: 'not here', fault: false },
  ]);
  assert.is(log.join(' '), 'a a closed');
});

test('a rival that this machine lacks is no fault, one that fails is', async () => {
  const failing = (name: string, error: Error): Rival => ({
    name,
    start: () => Promise.reject(error),
  });
  const { absent } = await report(
    caseOf([rival('a', [GOOD]), failing('b', new MissingRival('not here')), failing('c', new Error('broken'))]),
    1,
  );
  assert.equal(absent, [
    { rival: 'b', why: 'not here', fault: false },
    { rival: 'c', why: 'broken', fault: true },
  ]);
});

test.run();
