import { constants, openSync } from 'node:fs';
import { type Entry, read, readFixed } from '@polyring/core';
import { BLOCK_SIZE, BlockChecker, BlockOrder } from '../block-file.js';
import { driverFor } from './driver-for.js';
import { inFlight, metered } from './meter.js';
import type { ReadOptions } from './read-options.js';
import { answer, told } from './serve.js';

// Random reads of a file through a driver on io_uring.

const { by, path, blocks, depth, direct = false, milliseconds } = told<ReadOptions>();
const fd = openSync(path, constants.O_RDONLY | (direct ? constants.O_DIRECT : 0));
const driver = await driverFor('uring');
const order = new BlockOrder(blocks);

/** A way to read, and where its buffers come from. */
interface Way {
  readonly buffer: () => Buffer;
  readonly entry: (buffer: Buffer, offset: number) => Entry;
}

const WAYS: Record<string, Way> = {
  lent: { buffer: () => driver.allocate(BLOCK_SIZE).bytes, entry: (buffer, offset) => read(fd, buffer, offset) },
  registered: {
    buffer: () => driver.allocate(BLOCK_SIZE).bytes,
    entry: (buffer, offset) => readFixed(fd, buffer, offset),
  },
  bounced: { buffer: () => Buffer.alloc(BLOCK_SIZE), entry: (buffer, offset) => read(fd, buffer, offset) },
};

const { buffer, entry } = WAYS[by] as Way;
const buffers = Array.from({ length: depth }, buffer);

await answer(() =>
  metered(async () => {
    const checker = new BlockChecker();
    const operations = await inFlight(depth, milliseconds, (index) => {
      const own = buffers[index] as Buffer;
      return async () => {
        const block = order.next();
        checker.check(own, await driver.ioUringSubmit(entry(own, block * BLOCK_SIZE)), block);
      };
    });
    return { operations, errors: checker.wrong, verified: checker.checked };
  }),
);
