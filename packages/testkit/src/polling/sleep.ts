import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, type Driver, now } from '@polyring/core';
import { ready } from './ready.js';

/** Resolves when a timer made for it comes due: what was to come earlier has come. */
export async function sleep(driver: Driver, milliseconds: number): Promise<void> {
  using timer = driver.newDynTimer();
  const deadline = after(milliseconds);
  await ready((waker) => timer.pollTimer(waker, deadline));
}

/**
 * As {@link sleep}. Throws if the thread did not sleep for most of the time.
 *
 * @param meanwhile what was to let it sleep, for the error
 */
export async function assertSleeps(driver: Driver, milliseconds: number, meanwhile: string): Promise<void> {
  let awake = 1;
  // A busy machine lets the thread wait for a processor now and then; one that spins is awake every time.
  for (let attempt = 0; attempt < 3 && awake >= 0.5; attempt += 1) {
    const before = { runnable: runnable(), time: now() };
    await sleep(driver, milliseconds);
    awake = (runnable() - before.runnable) / (now() - before.time);
  }
  assert.ok(awake < 0.5, `the thread was awake for ${Math.round(awake * 100)} % of the time while ${meanwhile}`);
}

/**
 * Milliseconds so far in which the thread ran or waited for a processor (proc(5)): those of one that spins are all there
 * are, however busy the machine is. Where the kernel does not count them, those in which the process ran.
 */
export function runnable(): number {
  try {
    const [ran = 0, waited = 0] = readFileSync('/proc/thread-self/schedstat', 'latin1').split(' ').map(Number);
    if (ran > 0) return (ran + waited) / 1e6;
  } catch {
    // No such file.
  }
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e3;
}
