import { constants, openSync, read, readSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { BLOCK_SIZE, BlockBuffer, BlockChecker, BlockOrder } from '../block-file.js';
import { Countdown, inFlight, metered } from './shared/meter.js';
import type { ReadOptions } from './shared/read-options.js';
import { answer, told } from './shared/serve.js';

// Random reads of a file by what every JavaScript runtime has.

/** What is used of WebAssembly, which only TypeScript's DOM library declares. */
declare const WebAssembly: {
  readonly Memory: new (descriptor: { initial: number; maximum: number }) => { readonly buffer: ArrayBuffer };
};

const { by, path, blocks, depth, direct = false, milliseconds } = told<ReadOptions>();
const flags = constants.O_RDONLY | (direct ? constants.O_DIRECT : 0);
const order = new BlockOrder(blocks);
// Memory of WebAssembly begins at a page, which O_DIRECT asks for.
const memory = new WebAssembly.Memory({ initial: Math.max(1, depth / 16), maximum: Math.max(1, depth / 16) });
const buffers = Array.from(
  { length: depth },
  (_, index) => new BlockBuffer(Buffer.from(memory.buffer, index * BLOCK_SIZE, BLOCK_SIZE)),
);

const READERS: Record<string, (checker: BlockChecker) => Promise<number>> = {
  /** `FileHandle.read` of node:fs/promises. */
  async promises(checker) {
    const handle: FileHandle = await open(path, flags);
    const done = await inFlight(depth, milliseconds, async (index, more) => {
      const buffer = buffers[index] as BlockBuffer;
      while (more()) {
        const block = order.next();
        const { bytesRead } = await handle.read(buffer.bytes, 0, BLOCK_SIZE, block * BLOCK_SIZE);
        checker.check(buffer, bytesRead, block);
      }
    });
    await handle.close();
    return done;
  },

  /** `fs.read` with a callback. */
  callback(checker) {
    const countdown = new Countdown(milliseconds);
    let done = 0;
    let running = depth;
    return new Promise((resolve, reject) => {
      const next = (buffer: BlockBuffer): void => {
        if (countdown.over) {
          running -= 1;
          if (running === 0) resolve(done);
          return;
        }
        const block = order.next();
        read(fd, buffer.bytes, 0, BLOCK_SIZE, block * BLOCK_SIZE, (error, length) => {
          if (error !== null) {
            reject(error);
            return;
          }
          checker.check(buffer, length, block);
          done += 1;
          next(buffer);
        });
      };
      for (const buffer of buffers) next(buffer);
    });
  },

  /** `fs.readSync`, one after the other. */
  async sync(checker) {
    const countdown = new Countdown(milliseconds);
    const buffer = buffers[0] as BlockBuffer;
    let done = 0;
    for (; !countdown.over; done += 1) {
      const block = order.next();
      checker.check(buffer, readSync(fd, buffer.bytes, 0, BLOCK_SIZE, block * BLOCK_SIZE), block);
    }
    return done;
  },
};

const fd = openSync(path, flags);
const reader = READERS[by] as (checker: BlockChecker) => Promise<number>;

await answer(() =>
  metered(async () => {
    const checker = new BlockChecker();
    const operations = await reader(checker);
    return { operations, errors: checker.wrong };
  }),
);
