import { constants, openSync } from 'node:fs';
import { type Entry, read, readFixed } from '@polyring/core';
import { PolledFile } from '@polyring/polled';
import { BLOCK_SIZE, BlockBuffer, BlockChecker, BlockOrder } from '../block-file.js';
import { driverFor } from './shared/driver-for.js';
import { inFlight, metered } from './shared/meter.js';
import type { ReadOptions } from './shared/read-options.js';
import { answer, told } from './shared/serve.js';

// Random reads of a file through a driver on io_uring.

const { by, path, blocks, depth, direct = false, milliseconds } = told<ReadOptions>();
const fd = openSync(path, constants.O_RDONLY | (direct ? constants.O_DIRECT : 0));
const driver = await driverFor('uring');
const order = new BlockOrder(blocks);

/** A way to read: where its buffers come from, and how one is filled. */
interface Way {
  readonly buffer: () => Buffer;
  readonly read: (buffer: Buffer, offset: number) => Promise<number>;
}

const lend = (): Buffer => driver.allocate(BLOCK_SIZE).bytes;
const submit = (entry: Entry): Promise<number> => driver.ioUringSubmit(entry);

const WAYS: Record<string, () => Way> = {
  lent: () => ({ buffer: lend, read: (buffer, offset) => submit(read(fd, buffer, offset)) }),
  registered() {
    const slot = driver.ioUring.fileTable().add(fd);
    const options = { fixedFile: true };
    return { buffer: lend, read: (buffer, offset) => submit(readFixed(slot, buffer, offset, options)) };
  },
  bounced: () => ({
    buffer: () => Buffer.alloc(BLOCK_SIZE),
    read: (buffer, offset) => submit(read(fd, buffer, offset)),
  }),
  polledFile() {
    const file = new PolledFile(driver, fd);
    return { buffer: lend, read: (buffer, offset) => file.read(buffer, offset) };
  },
};

const way = (WAYS[by] as () => Way)();
const buffers = Array.from({ length: depth }, () => new BlockBuffer(way.buffer()));

await answer(() =>
  metered(async () => {
    const checker = new BlockChecker();
    const operations = await inFlight(depth, milliseconds, async (index, more) => {
      const own = buffers[index] as BlockBuffer;
      while (more()) {
        const block = order.next();
        checker.check(own, await way.read(own.bytes, block * BLOCK_SIZE), block);
      }
    });
    return { operations, errors: checker.wrong };
  }),
);
