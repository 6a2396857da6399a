import { openSync } from 'node:fs';
import { fsync, write } from '@polyring/core';
import { BLOCK_SIZE } from '../block-file.js';
import { driverFor } from './shared/driver-for.js';
import { inFlight, metered } from './shared/meter.js';
import { answer, told } from './shared/serve.js';
import { type SyncWriteOptions, Writer } from './shared/sync-write-options.js';

// A write and an fdatasync, again and again, one at a time in each file, through a driver on io_uring.

const { paths, blocks, milliseconds } = told<SyncWriteOptions>();
const driver = await driverFor('uring');
// Each file's write and sync wait in a thread of the kernel, of which there are four a processor unless more are asked for.
driver.ioUring.workerLimits({ bounded: paths.length });
const writers = paths.map((path) => new Writer(path, blocks));
const fds = paths.map((path) => openSync(path, 'r+'));
const buffers = paths.map(() => driver.allocate(BLOCK_SIZE).bytes);

await answer(async () => {
  let short = 0;
  const sample = await metered(async () => {
    const operations = await inFlight(writers.length, milliseconds, async (index, more) => {
      const writer = writers[index] as Writer;
      const fd = fds[index] as number;
      const buffer = buffers[index] as Buffer;
      while (more()) {
        const written = await driver.ioUringSubmit(write(fd, buffer, writer.fill(buffer)));
        if (written !== BLOCK_SIZE) short += 1;
        await driver.ioUringSubmit(fsync(fd, { dataSync: true }));
      }
    });
    return { operations, errors: 0 };
  });
  return { ...sample, errors: writers.reduce((sum, writer) => sum + writer.countWrong(), short) };
});
