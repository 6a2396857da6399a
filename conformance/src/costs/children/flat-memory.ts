import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Driver, nop, read } from '@polyring/core';
import { loadSubject, Random } from '@polyring/testkit';

/** What became of many operations. */
export interface MemoryRun {
  /** Operations that completed with what they should. */
  readonly correct: number;
  /** Bytes of resident memory when a fifth was done. */
  readonly mark: number;
  /** Bytes of resident memory when all was done. */
  readonly end: number;
}

const FILE_BYTES = 16 * 1024 * 1024;
const BLOCK_BYTES = 4096;

/* Arguments: the subject's URL, what to do, how often. */
const [, , url = '', kind = '', count = '0'] = process.argv;
const driver = (await loadSubject(url)).factory.create();
const run = kind === 'nops' ? await nops(driver, Number(count)) : await reads(driver, Number(count));
await driver.close();
console.log(JSON.stringify(run));

function residentMemory(): number {
  globalThis.gc?.();
  return process.memoryUsage().rss;
}

/** Does something many times, so often at once, and looks at the memory at a fifth and at the end. */
async function many(total: number, depth: number, once: (lane: number) => Promise<boolean>): Promise<MemoryRun> {
  let started = 0;
  let correct = 0;
  const upTo = async (limit: number): Promise<number> => {
    const lanes = Array.from({ length: depth }, async (_, lane) => {
      while (started < limit) {
        started += 1;
        if (await once(lane)) correct += 1;
      }
    });
    await Promise.all(lanes);
    return residentMemory();
  };
  const mark = await upTo(total / 5);
  const end = await upTo(total);
  return { correct, mark, end };
}

function nops(of: Driver, total: number): Promise<MemoryRun> {
  return many(total, 256, async () => (await of.ioUringSubmit(nop())) === 0);
}

/** Reads of random blocks of a file of noise, half of them into memory of the driver and half into the caller's. */
async function reads(of: Driver, total: number): Promise<MemoryRun> {
  const random = new Random(7);
  const content = random.bytes(FILE_BYTES);
  const folder = mkdtempSync(join(tmpdir(), 'polyring-'));
  writeFileSync(join(folder, 'noise'), content);
  const fd = openSync(join(folder, 'noise'), 'r');
  const depth = 32;
  const buffers = Array.from({ length: depth }, (_, lane) =>
    lane % 2 === 0 ? Buffer.alloc(BLOCK_BYTES) : of.allocate(BLOCK_BYTES).bytes,
  );
  try {
    return await many(total, depth, async (lane) => {
      const buffer = buffers[lane] as Buffer;
      const offset = random.integer(FILE_BYTES - BLOCK_BYTES);
      const length = await of.ioUringSubmit(read(fd, buffer, offset));
      return length === BLOCK_BYTES && content.compare(buffer, 0, length, offset, offset + length) === 0;
    });
  } finally {
    closeSync(fd);
    rmSync(folder, { recursive: true });
  }
}
