// timeout: 900
import { execFile } from 'node:child_process';
import { createHash, randomFillSync } from 'node:crypto';
import { closeSync, createReadStream, openSync, rmSync, writeSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { TemporaryDirectory } from '@polyring/test-support';
import * as assert from 'uvu/assert';
import { onEveryBackend } from '../grid.test-support.js';

/** `npm run test:large-copy` copies 1024. */
const MEBIBYTES = Number(process.env.POLYRING_COPY_MIB ?? 64);
const MEBIBYTE = 1024 * 1024;
const EXTRA_MEMORY = 64 * MEBIBYTE;

const COPY = fileURLToPath(new URL('large-copy-process.test-support.js', import.meta.url));

const directory = new TemporaryDirectory();
process.on('exit', () => directory[Symbol.dispose]());
const source = directory.at('source');
const expected = writeRandom(source);

await onEveryBackend(`A copy of ${MEBIBYTES} MiB`, (test) => {
  test('has the hash of its source, and takes less than 64 MiB of memory', async ({ backend }) => {
    const target = directory.at('target');
    const { stdout } = await promisify(execFile)(process.execPath, [COPY, backend, source, target]);
    const { bytes, extra } = JSON.parse(stdout) as { bytes: number; extra: number };
    console.log(`${backend}: ${(extra / MEBIBYTE).toFixed(1)} MiB beyond what there was`);
    assert.is(bytes, MEBIBYTES * MEBIBYTE);
    assert.is(await digestOf(target), expected);
    assert.ok(extra < EXTRA_MEMORY, `${extra} bytes`);
    rmSync(target);
  });
});

/** Fills a file with bytes that repeat nowhere, and answers with their hash. */
function writeRandom(path: string): string {
  const hash = createHash('sha256');
  const fd = openSync(path, 'w');
  for (let index = 0; index < MEBIBYTES; index += 1) {
    const block = randomFillSync(Buffer.allocUnsafe(MEBIBYTE));
    hash.update(block);
    writeSync(fd, block);
  }
  closeSync(fd);
  return hash.digest('hex');
}

async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: MEBIBYTE }), hash);
  return hash.digest('hex');
}
