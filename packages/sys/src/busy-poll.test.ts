import { stat } from 'node:fs/promises';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { close } from './close.js';
import { eventfd } from './eventfd.js';
import { codeOf } from './failure.test-support.js';
import { LONGEST_BUSY_POLL, LoopWatch } from './loop-watch.js';

const SLEEPS = 20;

/** Milliseconds that the loop spends asleep while timers are waited for. */
async function asleep(busyPoll: number | undefined, held = true): Promise<number> {
  const fd = eventfd();
  const watch = new LoopWatch(fd, () => {}, { busyPoll });
  if (held) watch.hold();
  const before = performance.nodeTiming.idleTime;
  for (let i = 0; i < SLEEPS; i += 1) await sleep(2);
  const time = performance.nodeTiming.idleTime - before;
  watch.close();
  close(fd);
  return time;
}

/** Milliseconds of the shortest of some runs: on a busy machine any one may take long. */
async function shortest(run: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < SLEEPS; i += 1) {
    const before = performance.now();
    await run();
    times.push(performance.now() - before);
  }
  return Math.min(...times);
}

test('a loop that polls busily does not sleep where the wait is short', async () => {
  const usual = await asleep(undefined);
  assert.ok(usual > 0, 'the loop did not sleep at all');
  const busy = await asleep(LONGEST_BUSY_POLL);
  assert.ok(busy < usual / 4, `asleep for ${busy} ms, and for ${usual} ms without a busy poll`);
});

test('a watch that nobody holds polls nothing', async () => {
  const usual = await asleep(undefined);
  const unheld = await asleep(LONGEST_BUSY_POLL, false);
  assert.ok(unheld > usual / 4, `asleep for ${unheld} ms, and for ${usual} ms without a busy poll`);
});

test('any event of the loop ends a busy poll', async () => {
  const fd = eventfd();
  const watch = new LoopWatch(fd, () => {}, { busyPoll: LONGEST_BUSY_POLL });
  watch.hold();
  const time = await shortest(() => stat('/'));
  assert.ok(time < LONGEST_BUSY_POLL / 1000 / 2, `stat took ${time} ms`);
  watch.close();
  close(fd);
});

test('only whole microseconds up to the longest are a busy poll', () => {
  const fd = eventfd();
  const make = (busyPoll: unknown) => () => new LoopWatch(fd, () => {}, { busyPoll: busyPoll as number });
  for (const bad of [-1, 0.5, LONGEST_BUSY_POLL + 1, Number.NaN]) assert.is(codeOf(make(bad)), 'ERR_OUT_OF_RANGE');
  assert.is(codeOf(make('50')), 'ERR_INVALID_ARG_TYPE');
  for (const good of [0, 1, LONGEST_BUSY_POLL]) make(good)().close();
  close(fd);
});

test.run();
