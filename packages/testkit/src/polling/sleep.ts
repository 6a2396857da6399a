import assert from 'node:assert/strict';
import { after, type Driver } from '@polyring/core';
import { awakeBetween, threadTimes } from './awake.js';
import { ready } from './ready.js';

/** Resolves when a timer made for it comes due: what was to come earlier has come. */
export async function sleep(driver: Driver, milliseconds: number): Promise<void> {
  using timer = driver.newDynTimer();
  const deadline = after(milliseconds);
  await ready((waker) => timer.pollTimer(waker, deadline));
}

/**
 * As {@link sleep}. Throws if the thread did not sleep for most of the time that it did not wait for a processor.
 *
 * @param meanwhile what was to let it sleep, for the error
 */
export async function assertSleeps(driver: Driver, milliseconds: number, meanwhile: string): Promise<void> {
  let awake = 1;
  // What else the thread has to do may keep it awake now and then; one that spins is awake every time.
  for (let attempt = 0; attempt < 3 && awake >= 0.5; attempt += 1) {
    const before = threadTimes();
    await sleep(driver, milliseconds);
    awake = awakeBetween(before, threadTimes());
  }
  assert.ok(awake < 0.5, `the thread was awake for ${Math.round(awake * 100)} % of the time while ${meanwhile}`);
}
