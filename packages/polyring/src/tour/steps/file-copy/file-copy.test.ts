import { readdirSync } from 'node:fs';
import type { Driver } from '@polyring/core';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { fileRing, ringless } from '../../file-ring.test-support.js';
import { openDriver } from '../../open-driver.js';
import { VerificationError } from '../../step.js';
import { TemporaryFolder } from '../../temporary-folder.js';
import { CHUNK, IN_FLIGHT } from './copiers.js';
import { fileCopy } from './file-copy.js';

const SIZE = 40 * CHUNK + 12_345;
const OPERATIONS = 2 * 41;

async function copy(driver: Driver, copySize = SIZE) {
  const folder = new TemporaryFolder(2 * copySize);
  try {
    const result = await fileCopy.run({ driver, folder: folder.path, copySize, progress: () => {} });
    assert.equal(readdirSync(folder.path), []);
    return result;
  } finally {
    folder.remove();
  }
}

test('a copy through the driver that is chosen here is verified and counted', async () => {
  const { driver } = await openDriver(undefined);
  const { verified, sides } = await copy(driver);
  await driver.close();
  assert.match(verified, /SHA-256 of both copies is the source's: [0-9a-f]{64}\./);
  assert.is(sides[1].by, 'fs/promises');
  for (const { measures } of sides) {
    assert.is(measures.bytes, SIZE);
    assert.is(measures.operations, OPERATIONS);
    assert.ok((measures.seconds as number) > 0);
    assert.is(measures.operationsPerSecond, OPERATIONS / (measures.seconds as number));
  }
});

test('a bit that the driver turned fails the copy', async () => {
  const driver = fileRing({
    afterRead(bytes, position) {
      if (position === 7 * CHUNK) bytes[100] = (bytes[100] as number) ^ 1;
    },
  });
  try {
    await copy(driver);
    assert.unreachable('the copy passed as verified');
  } catch (error) {
    assert.instance(error, VerificationError);
    assert.match((error as Error).message, /The copy by file-ring differs from the source/);
  }
});

test('a chunk that is written twice instead of once each fails the copy', async () => {
  let first: Buffer | undefined;
  const driver = fileRing({
    afterRead(bytes) {
      first ??= Buffer.from(bytes);
      if (bytes.length === first.length) bytes.set(first);
    },
  });
  await copy(driver).then(
    () => assert.unreachable('the copy passed as verified'),
    (error: unknown) => assert.instance(error, VerificationError),
  );
});

test('short reads and short writes are continued', async () => {
  const { sides } = await copy(fileRing({ most: 5_000 }));
  assert.ok((sides[0].measures.operations as number) > OPERATIONS);
});

test('as many operations are in flight as the notes say, and no more', async () => {
  let inFlight = 0;
  let most = 0;
  const ring = fileRing();
  const counting: Driver = Object.assign(Object.create(ring) as Driver, {
    async ioUringSubmit(entry: Parameters<Driver['ioUringSubmit']>[0]) {
      inFlight += 1;
      most = Math.max(most, inFlight);
      return ring.ioUringSubmit(entry).finally(() => {
        inFlight -= 1;
      });
    },
  });
  const { notes } = await copy(counting, 4 * IN_FLIGHT * CHUNK);
  assert.is(most, IN_FLIGHT);
  assert.match(notes?.join(' ') ?? '', /32 reads and writes of 16 KiB in flight/);
});

test('a driver without a ring is said to copy through node:fs', async () => {
  const { sides, notes } = await copy(ringless());
  assert.is(sides[0].by, 'fs callbacks');
  assert.match(notes?.join(' ') ?? '', /The driver "ringless" has no ring.*copied through node:fs/);
});

test('an operation that fails ends the copy with its error when nothing is in flight any more', async () => {
  const ring = fileRing();
  let started = 0;
  let settled = 0;
  const failing: Driver = Object.assign(Object.create(ring) as Driver, {
    async ioUringSubmit(entry: Parameters<Driver['ioUringSubmit']>[0]) {
      started += 1;
      const number = started;
      try {
        // At once: those in flight beside it would go on by any number while it took its time.
        if (number === 50) throw Object.assign(new Error('planted'), { code: 'EIO' });
        await ring.ioUringSubmit(entry);
        return entry.len;
      } finally {
        settled += 1;
      }
    },
  });
  await copy(failing, 200 * CHUNK).then(
    () => assert.unreachable('the copy passed'),
    (error: unknown) => assert.is((error as { code?: string }).code, 'EIO'),
  );
  assert.is(settled, started);
  assert.ok(started < 100, `${started} operations were started`);
});

test.run();
