import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Driver } from '@polyring/core';
import { rejects } from '@polyring/test-support';
import * as assert from 'uvu/assert';
import { onEveryBackend } from '../grid.test-support.js';
import { PolledFile } from './polled-file.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Bytes of buffers that an idle file may keep, and of those that the tests have it use. */
const FEW = 128 * 1024;
const MANY = 2 * 1024 * 1024;

const externalBytes = (): number => process.memoryUsage().arrayBuffers;

/** Collects garbage until no more than a few bytes are left of what was there before; the runner ends a vain wait. */
async function untilFewAreLeft(before: number): Promise<void> {
  for (;;) {
    collectGarbage();
    if (externalBytes() - before <= FEW) return;
    await new Promise(setImmediate);
  }
}

async function openExecutable(driver: Driver): Promise<PolledFile> {
  const file = await PolledFile.open(driver, process.execPath);
  await file.read(Buffer.allocUnsafeSlow(1), 0);
  collectGarbage();
  return file;
}

await onEveryBackend('An idle file', (test) => {
  test('an idle file keeps no large buffers of the reads that are over', async ({ driver }) => {
    for (const size of [16 * 1024, 64 * 1024, MANY]) {
      await using file = await openExecutable(driver);
      const before = externalBytes();
      for (let at = 0; at < MANY; at += size) await file.read(Buffer.allocUnsafeSlow(size), at);
      await untilFewAreLeft(before);
      for (let at = 0; at < MANY; at += size) await file.readv([Buffer.allocUnsafeSlow(size)], at);
      await untilFewAreLeft(before);
      await Promise.all(Array.from({ length: 4 }, () => file.read(Buffer.allocUnsafeSlow(size), 0)));
      await untilFewAreLeft(before);
    }
  });

  test('nobody remembers the streams that are over, nor the dropped ones of a file that was closed', async ({
    driver,
  }) => {
    const file = await openExecutable(driver);
    const before = process.memoryUsage().heapUsed;
    const untilForgotten = async (): Promise<void> => {
      while (process.memoryUsage().heapUsed - before > MANY) {
        await new Promise(setImmediate);
        collectGarbage();
      }
    };
    // Of some 4 KB each.
    for (let i = 0; i < 1000; i += 1) await Promise.all([file.readable.cancel(), file.writable.abort()]);
    await untilForgotten();
    for (let i = 0; i < 1000; i += 1) await Promise.all([file.readable, file.writable]);
    await file.close();
    await untilForgotten();
  });

  test('a failure that nobody handles is told of all the same', async ({ driver }) => {
    const file = await openExecutable(driver);
    const failure = new Promise<NodeJS.ErrnoException>((resolve) => {
      process.once('unhandledRejection', (error) => resolve(error as NodeJS.ErrnoException));
    });
    file.write(Buffer.alloc(FEW), 0);
    const keepAlive = setInterval(() => {}, 1000);
    assert.is((await failure).code, 'EBADF');
    clearInterval(keepAlive);
    await file.close();
    await rejects(file.write(Buffer.alloc(1), 0), 'ERR_POLYRING_DISPOSED');
  });
});
