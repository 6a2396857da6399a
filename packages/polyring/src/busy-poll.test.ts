import { performance } from 'node:perf_hooks';
import { type BackendFactory, type DriverOptions, PolledTimer } from '@polyring/core';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { builtInBackends } from './built-in-backends.js';

const LONGEST = 10_000;

/** Milliseconds that the loop spends asleep while a timer of the driver is waited for, 20 times. */
async function asleep(backend: BackendFactory, options: DriverOptions): Promise<number> {
  const driver = backend.create(options);
  const timer = new PolledTimer(driver);
  const before = performance.nodeTiming.idleTime;
  for (let i = 0; i < 20; i += 1) await timer.sleep(2);
  const time = performance.nodeTiming.idleTime - before;
  await driver.close();
  return time;
}

for (const { name, load } of builtInBackends) {
  test(`a driver of ${name} polls busily if it is told to`, async () => {
    const backend = await load();
    if (!backend.availability().available) return;
    const usual = await asleep(backend, {});
    assert.ok(usual > 0, 'the loop did not sleep at all');
    const busy = await asleep(backend, { busyPoll: LONGEST });
    assert.ok(busy < usual / 4, `asleep for ${busy} ms, and for ${usual} ms without a busy poll`);
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
