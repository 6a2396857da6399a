import { loadSubject } from '@polyring/testkit';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { refusedHere } from '../refused.js';
import type { IdleCost } from './children/idle.js';
import { runChild } from './run-child.js';

/** Sleeps that the waiting itself costs: one for the timer's end, and a few of Node's own. */
const SLEEPS = 5;

/**
 * Milliseconds of processor time more than a process without a driver may take in 5 s, a hundredth of a processor. The
 * housekeeping of Node alone differs by 20 from process to process on a busy machine.
 */
const MORE_CPU = 50;

let bare: IdleCost;
test.before(async () => {
  bare = await runChild<IdleCost>('idle', 'none');
});

for (const backend of ['epoll', 'uring']) {
  const url = import.meta.resolve(`@polyring/backend-${backend}`);
  if (refusedHere((await loadSubject(url)).factory)) continue;
  test(`${backend} with 1,000 registered descriptors and no event does not wake the loop, nor use the processor`, async () => {
    const cost = await runChild<IdleCost>('idle', url);
    console.log(`  ${backend}: ${JSON.stringify(cost)} in 5 s, without a driver ${bare.cpu} ms`);
    assert.ok(cost.sleeps <= SLEEPS, `the main thread slept and woke ${cost.sleeps} times`);
    assert.ok(cost.cpu <= bare.cpu + MORE_CPU, `${cost.cpu} ms of CPU time in 5 s, and ${bare.cpu} without a driver`);
  });
}

test.run();
