import { after, now } from '@polyring/core';
import { rejects } from '@polyring/test-support';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { alteredDriver } from '../../altered-driver.test-support.js';
import { openDriver } from '../../open-driver.js';
import type { StepContext } from '../../step.js';
import { measureLateness, TIMERS } from './lateness.js';
import { timers } from './timers.js';

const { driver } = await openDriver(undefined);

test.after(() => driver.close());

const context: StepContext = { driver, folder: '/nowhere', copySize: 1, progress: () => {} };

test('every timer is over on both sides, and none of the driver is early', async () => {
  const { sides } = await timers.run(context);
  for (const { measures } of sides) {
    assert.is(measures.operations, TIMERS);
    assert.ok((measures.longestLateMilliseconds as number) >= (measures.p99LateMilliseconds as number));
    assert.ok((measures.p99LateMilliseconds as number) >= (measures.medianLateMilliseconds as number));
  }
  assert.is(sides[0].by, driver.name);
  assert.is(sides[0].measures.early, 0);
  assert.is(sides[1].by, 'setTimeout');
});

test('an early timer of the driver fails the step', async () => {
  let made = 0;
  const hasty = alteredDriver(driver, {
    newDynTimer() {
      made += 1;
      const timer = driver.newDynTimer();
      if (made !== 500) return timer;
      return Object.assign(Object.create(timer) as typeof timer, {
        pollTimer: () => now(),
        [Symbol.dispose]: () => timer[Symbol.dispose](),
      });
    },
  });
  await rejects(
    timers.run({ ...context, driver: hasty }),
    'VerificationError',
    new RegExp(`^\\d+ timers of ${driver.name} were early`),
  );
});

test('lateness is the time from when a timer should have been over', async () => {
  const { measures } = await measureLateness(
    { by: 'a clock of its own', sleep: async (milliseconds) => after(milliseconds + 1_000) },
    () => {},
  );
  assert.ok((measures.medianLateMilliseconds as number) >= 1_000);
  assert.is(measures.early, 0);
});

test.run();
