import { open } from 'node:fs/promises';
import { BLOCK_SIZE } from '../block-file.js';
import { inFlight, metered } from './shared/meter.js';
import { answer, told } from './shared/serve.js';
import { type SyncWriteOptions, Writer } from './shared/sync-write-options.js';

// A write and a `datasync`, again and again, one at a time in each file, by node:fs/promises.

const { paths, blocks, milliseconds } = told<SyncWriteOptions>();
const writers = paths.map((path) => new Writer(path, blocks));
const handles = await Promise.all(paths.map((path) => open(path, 'r+')));

await answer(async () => {
  let short = 0;
  const sample = await metered(async () => {
    const operations = await inFlight(writers.length, milliseconds, async (index, more) => {
      const writer = writers[index] as Writer;
      const handle = handles[index] as (typeof handles)[0];
      const buffer = Buffer.alloc(BLOCK_SIZE);
      while (more()) {
        const { bytesWritten } = await handle.write(buffer, 0, BLOCK_SIZE, writer.fill(buffer));
        if (bytesWritten !== BLOCK_SIZE) short += 1;
        await handle.datasync();
      }
    });
    return { operations, errors: 0 };
  });
  return { ...sample, errors: writers.reduce((sum, writer) => sum + writer.countWrong(), short) };
});
