// timeout: 300
import { spawnSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { isPolyringError, nop, PolledTimer, read, timeout } from '@polyring/core';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { uringBackend } from './factory.js';
import { runWhereGranted } from './run-where-granted.test-support.js';

const PRELUDE = `
  import { openSync } from 'node:fs';
  import { nop, read } from ${JSON.stringify(import.meta.resolve('@polyring/core'))};
  import { uringBackend } from ${JSON.stringify(new URL('index.js', import.meta.url).href)};
`;

/** Runs a script below a limit of the shell's. */
function runLimited(limit: string, body: string): string {
  const { status, stdout, stderr } = spawnSync(
    '/bin/sh',
    ['-c', `ulimit ${limit} && exec "$0" --input-type=module -e "$1"`, process.execPath, PRELUDE + body],
    { encoding: 'utf8', timeout: 120_000, killSignal: 'SIGKILL' },
  );
  assert.is(status, 0, stderr);
  return stdout;
}

test('where descriptors run out a new driver is refused with EMFILE, the others work, and one that ends makes room', () => {
  const stdout = runLimited(
    '-n 256',
    `
    const drivers = [];
    let code;
    while (code === undefined) {
      try {
        drivers.push(uringBackend.create({ entries: 8 }));
      } catch (error) {
        code = error.code ?? error.message;
      }
    }
    console.log(code, drivers.length > 10);
    console.log(await Promise.all(drivers.map((driver) => driver.ioUringSubmit(nop()))).then((all) => all.every((each) => each === 0)));
    await drivers.pop().close();
    const late = uringBackend.create({ entries: 8 });
    console.log(await late.ioUringSubmit(nop()));
    await Promise.all([late, ...drivers].map((driver) => driver.close()));
  `,
  );
  assert.is(stdout, 'EMFILE true\ntrue\n0\n');
});

test('where address space runs out an operation says so, and smaller ones go on', () => {
  const stdout = runLimited(
    '-v 4000000',
    `
    const driver = uringBackend.create({ poolLimit: 2 ** 40 });
    const fd = openSync('/dev/zero', 'r');
    const bytes = new Uint8Array(2 ** 27);
    const ends = new Set();
    const reads = Array.from({ length: 64 }, () =>
      driver.ioUringSubmit(read(fd, bytes, 0)).then((result) => ends.add(result > 0 ? 'read' : result), (error) => ends.add(error.code)));
    await Promise.all(reads);
    console.log([...ends].sort().join(' '));
    console.log(await driver.ioUringSubmit(read(fd, Buffer.alloc(100), 0)));
    console.log(driver.ioUring.pool.inFlight);
    await driver.close();
  `,
  );
  assert.is(stdout, 'ENOMEM read\n100\n0\n');
});

test('100,000 operations queued at once all settle: those that there is no memory for say so, or wait', async () => {
  const count = 100_000;
  const fd = openSync('/dev/zero', 'r');
  for (const poolExhausted of ['reject', 'wait'] as const) {
    const driver = uringBackend.create({ poolLimit: 2 ** 24, poolExhausted });
    let bytes = 0;
    let refused = 0;
    const bytesRead = Array.from({ length: count }, async (_, index) => {
      try {
        const entry = index % 2 === 0 ? nop() : read(fd, new Uint8Array(1000), 0);
        const result = await driver.ioUringSubmit(entry);
        bytes += result;
      } catch (error) {
        assert.ok(isPolyringError(error) && error.code === 'ERR_POLYRING_POOL_EXHAUSTED');
        refused += 1;
      }
    });
    await Promise.all(bytesRead);
    assert.is(bytes, (count / 2 - refused) * 1000);
    assert.is(refused > 0, poolExhausted === 'reject');
    assert.is(driver.ioUring.pool.inFlight, 0);
    await driver.close();
  }
  closeSync(fd);
});

test('completions that find the CQ full again and again are not lost', async () => {
  const driver = uringBackend.create({ entries: 4, completionEntries: 4 });
  const codes = Array.from({ length: 5000 }, () =>
    driver.ioUringSubmit(timeout(1)).catch((error: NodeJS.ErrnoException) => error.code),
  );
  const sleeps = Array.from({ length: 100 }, () => PolledTimer.sleep(driver, 1));
  assert.ok((await Promise.all(codes)).every((code) => code === 'ETIME'));
  await Promise.all(sleeps);
  await driver.close();
});

runWhereGranted(test);
