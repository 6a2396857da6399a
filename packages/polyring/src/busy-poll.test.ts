import { type BackendFactory, type DriverOptions, PolledTimer } from '@polyring/core';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { builtInBackends } from './built-in-backends.js';

const SLEEPS = 20;
const LONGEST = 10_000;

/** How often threads of the process go to sleep while a timer of the driver is waited for, {@link SLEEPS} times. */
async function fallingAsleep(backend: BackendFactory, options: DriverOptions): Promise<number> {
  const driver = backend.create(options);
  const timer = new PolledTimer(driver);
  const before = process.resourceUsage().voluntaryContextSwitches;
  for (let i = 0; i < SLEEPS; i += 1) await timer.sleep(2);
  const times = process.resourceUsage().voluntaryContextSwitches - before;
  await driver.close();
  return times;
}

for (const { name, load } of builtInBackends) {
  test(`a driver of ${name} polls busily if it is told to`, async () => {
    const backend = await load();
    if (!backend.availability().available) return;
    const usual = await fallingAsleep(backend, {});
    assert.ok(usual >= SLEEPS, `asleep ${usual} times without a busy poll`);
    const busy = await fallingAsleep(backend, { busyPoll: LONGEST });
    assert.ok(busy < SLEEPS / 2, `asleep ${busy} times`);
    for (const busyPoll of [-1, LONGEST + 1]) {
      assert.throws(
        () => backend.create({ busyPoll }),
        (error: { code: string; message: string }) =>
          error.code === 'ERR_OUT_OF_RANGE' && error.message.includes('options.busyPoll'),
      );
    }
  });
}

test.run();
