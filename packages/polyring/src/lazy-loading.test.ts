import { uringBackend } from '@polyring/backend-uring';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { runModule } from './run-process.test-support.js';

/** The addons that are mapped into a process that has made a driver. */
async function addonsOf(options: object): Promise<readonly string[]> {
  return runModule(`
    import { readFileSync } from 'node:fs';
    const { driver } = await polyring.createDriver(${JSON.stringify(options)});
    await driver.close();
    const maps = readFileSync('/proc/self/maps', 'utf8');
    console.log(JSON.stringify([...new Set(maps.match(/[^/ ]+\\.node$/gm))]));
  `);
}

test('choosing epoll never loads the addon of io_uring', async () => {
  const addons = await addonsOf({ backend: 'epoll' });
  assert.ok(addons.length > 0);
  assert.not.ok(
    addons.some((addon) => addon.includes('uring')),
    addons.join(),
  );
});

test('the kill switch never loads the addon of io_uring, nor where its package is named as a module', async () => {
  for (const backend of ['uring', '@polyring/backend-uring']) {
    const addons = await addonsOf({ backend, environment: { POLYRING_DISABLE_URING: '1' } });
    assert.not.ok(
      addons.some((addon) => addon.includes('uring')),
      addons.join(),
    );
  }
});

test('choosing io_uring loads its addon, so the test above would see it', async () => {
  const addons = await addonsOf({ backend: 'uring' });
  assert.ok(addons.some((addon) => addon.includes('uring')) || !uringBackend.availability().available, addons.join());
});

test.run();
