import { readFileSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { throws } from '@polyring/test-support';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { close } from '../descriptors/close.js';
import { eventfd } from '../events/eventfd.js';
import { LONGEST_BUSY_POLL, LoopWatch } from './loop-watch.js';

const SLEEPS = 20;

/** How often this thread has gone to sleep so far (proc(5)). */
function timesAsleep(): number {
  const status = readFileSync('/proc/thread-self/status', 'utf8');
  return Number(/^voluntary_ctxt_switches:\s+(\d+)$/m.exec(status)?.[1]);
}

/** How often the thread goes to sleep while timers are waited for, {@link SLEEPS} of them. */
async function fallingAsleep(busyPoll: number | undefined, held = true): Promise<number> {
  const fd = eventfd();
  const watch = new LoopWatch(fd, () => {}, { events: undefined, owns: undefined, busyPoll });
  if (held) watch.hold();
  const before = timesAsleep();
  for (let i = 0; i < SLEEPS; i += 1) await sleep(2);
  const times = timesAsleep() - before;
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
  assert.ok(usual > SLEEPS / 2, `asleep ${usual} times without a busy poll`);
  const busy = await fallingAsleep(LONGEST_BUSY_POLL);
  assert.ok(busy < SLEEPS / 2, `asleep ${busy} times`);
});

test('a watch that nobody holds polls nothing', async () => {
  const times = await fallingAsleep(LONGEST_BUSY_POLL, false);
  assert.ok(times > SLEEPS / 2, `asleep ${times} times`);
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
  for (const bad of [-1, 0.5, LONGEST_BUSY_POLL + 1, Number.NaN]) throws(make(bad), 'ERR_OUT_OF_RANGE');
  for (const bad of ['50', null]) throws(make(bad), 'ERR_INVALID_ARG_TYPE');
  for (const good of [0, 1, LONGEST_BUSY_POLL]) make(good)().close();
  close(fd);
});

test.run();
