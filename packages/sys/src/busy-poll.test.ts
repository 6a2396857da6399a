import { stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { close } from './close.js';
import { eventfd } from './eventfd.js';
import { codeOf } from './failure.test-support.js';
import { LONGEST_BUSY_POLL, LoopWatch } from './loop-watch.js';

const SLEEPS = 20;

/** How often threads of the process go to sleep while timers are waited for, {@link SLEEPS} of them. */
async function fallingAsleep(busyPoll: number | undefined, held = true): Promise<number> {
  const fd = eventfd();
  const watch = new LoopWatch(fd, () => {}, { busyPoll });
  if (held) watch.hold();
  const before = process.resourceUsage().voluntaryContextSwitches;
  for (let i = 0; i < SLEEPS; i += 1) await sleep(2);
  const times = process.resourceUsage().voluntaryContextSwitches - before;
  watch.close();
  close(fd);
  return times;
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
  const usual = await fallingAsleep(undefined);
  assert.ok(usual >= SLEEPS, `asleep ${usual} times without a busy poll`);
  const busy = await fallingAsleep(LONGEST_BUSY_POLL);
  assert.ok(busy < SLEEPS / 2, `asleep ${busy} times`);
});

test('a watch that nobody holds polls nothing', async () => {
  const times = await fallingAsleep(LONGEST_BUSY_POLL, false);
  assert.ok(times >= SLEEPS, `asleep ${times} times`);
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
  for (const bad of ['50', null]) assert.is(codeOf(make(bad)), 'ERR_INVALID_ARG_TYPE');
  for (const good of [0, 1, LONGEST_BUSY_POLL]) make(good)().close();
  close(fd);
});

test.run();
