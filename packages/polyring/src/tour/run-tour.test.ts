import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { STALL_LIMIT } from '../stall.js';
import { ringless } from './file-ring.test-support.js';
import type { StepReport } from './report.js';
import { runTour } from './run-tour.js';
import type { StepContext, StepResult, TourStep } from './step.js';

const RESULT: StepResult = {
  verified: 'It is so.',
  unit: 'things',
  sides: [
    { by: 'a', measures: {} },
    { by: 'b', measures: {} },
  ],
};

function step(id: string, run: (context: StepContext) => Promise<StepResult>): TourStep {
  return { id, title: id.toUpperCase(), run };
}

async function reports(steps: readonly TourStep[], stallLimit = STALL_LIMIT): Promise<StepReport[]> {
  const all: StepReport[] = [];
  const tour = { driver: ringless(), steps, folder: '/', copySize: 1, stallLimit, progress: () => {} };
  for await (const report of runTour(tour)) all.push(report);
  return all;
}

test('steps run one after the other', async () => {
  const order: string[] = [];
  const steps = ['a', 'b'].map((id) =>
    step(id, async () => {
      order.push(`${id} starts`);
      await new Promise((resolve) => setImmediate(resolve));
      order.push(`${id} ends`);
      return RESULT;
    }),
  );
  assert.equal(
    (await reports(steps)).map(({ id, ok }) => [id, ok]),
    [
      ['a', true],
      ['b', true],
    ],
  );
  assert.equal(order, ['a starts', 'a ends', 'b starts', 'b ends']);
});

test('a step that fails is the last one', async () => {
  const steps = [
    step('a', () => Promise.reject(new Error('planted'))),
    step('b', () => assert.unreachable('it went on') as never),
  ];
  const [report, ...more] = await reports(steps);
  assert.ok(report?.ok === false);
  assert.is(report.error.message, 'planted');
  assert.equal(more, []);
});

test('a step that stalls fails', async () => {
  const [report] = await reports([step('a', () => new Promise(() => {}))], 50);
  assert.ok(report?.ok === false);
  assert.is(report.error.message, 'There was no progress for 0.05 s.');
});

test('each sign of progress gives the step its whole time again', async () => {
  const { setTimeout } = globalThis;
  let postponed = 0;
  const timer = Object.assign(
    setTimeout(() => {}, 0),
    {
      refresh() {
        postponed += 1;
        return timer;
      },
    },
  );
  globalThis.setTimeout = (() => timer) as unknown as typeof setTimeout;
  try {
    const [report] = await reports([
      step('a', async ({ progress }) => {
        for (let index = 0; index < 3; index += 1) progress('going on', index / 3);
        return RESULT;
      }),
    ]);
    assert.is(report?.ok, true);
    assert.is(postponed, 3);
  } finally {
    globalThis.setTimeout = setTimeout;
  }
});

test.run();
