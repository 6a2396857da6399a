import { readSync, read as readThen } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { type Driver, read as readEntry, readFixed } from '@polyring/core';
import { BLOCK_SIZE, type BlockFile, BlockOrder, checkBlock } from './block-file.js';

/** Reads `count` random blocks with `depth` reads in flight, and checks each. */
export type Reader = (file: BlockFile, depth: number, count: number) => Promise<void>;

type ReadBlock = (block: number) => Promise<void>;

async function inFlight(file: BlockFile, depth: number, count: number, reader: () => ReadBlock): Promise<void> {
  const order = new BlockOrder(file.blocks);
  let left = count;
  const lane = async (): Promise<void> => {
    const readBlock = reader();
    while (left > 0) {
      left -= 1;
      await readBlock(order.next());
    }
  };
  await Promise.all(Array.from({ length: depth }, lane));
}

/** The driver, into memory that it lent. */
export function lentReader(driver: Driver): Reader {
  return async (file, depth, count) => {
    const loans = Array.from({ length: depth }, () => driver.allocate(BLOCK_SIZE));
    const free = loans.map(({ bytes }) => bytes);
    await inFlight(file, depth, count, () => {
      const buffer = free.pop() as Buffer;
      return async (block) => {
        checkBlock(buffer, await driver.ioUringSubmit(readEntry(file.fd, buffer, block * BLOCK_SIZE)), block);
      };
    });
    for (const loan of loans) loan.release();
  };
}

/** The driver, into registered memory that it lent. */
export function fixedReader(driver: Driver): Reader {
  return async (file, depth, count) => {
    const loans = Array.from({ length: depth }, () => driver.allocate(BLOCK_SIZE));
    const free = loans.map(({ bytes }) => bytes);
    await inFlight(file, depth, count, () => {
      const buffer = free.pop() as Buffer;
      return async (block) => {
        checkBlock(buffer, await driver.ioUringSubmit(readFixed(file.fd, buffer, block * BLOCK_SIZE)), block);
      };
    });
    for (const loan of loans) loan.release();
  };
}

/** The driver, into the caller's own buffers, by a copy. */
export function bouncedReader(driver: Driver): Reader {
  return (file, depth, count) =>
    inFlight(file, depth, count, () => {
      const buffer = Buffer.alloc(BLOCK_SIZE);
      return async (block) => {
        checkBlock(buffer, await driver.ioUringSubmit(readEntry(file.fd, buffer, block * BLOCK_SIZE)), block);
      };
    });
}

/** `FileHandle.read` of node:fs/promises. */
export const promisesReader: Reader = async (file, depth, count) => {
  const handle: FileHandle = await open(file.path);
  await inFlight(file, depth, count, () => {
    const buffer = Buffer.alloc(BLOCK_SIZE);
    return async (block) => {
      const { bytesRead } = await handle.read(buffer, 0, BLOCK_SIZE, block * BLOCK_SIZE);
      checkBlock(buffer, bytesRead, block);
    };
  });
  await handle.close();
};

/** `fs.read` with a callback. */
export const callbackReader: Reader = (file, depth, count) => {
  const order = new BlockOrder(file.blocks);
  let left = count;
  let running = depth;
  return new Promise((resolve, reject) => {
    const lane = (buffer: Buffer): void => {
      if (left === 0) {
        running -= 1;
        if (running === 0) resolve();
        return;
      }
      left -= 1;
      const block = order.next();
      readThen(file.fd, buffer, 0, BLOCK_SIZE, block * BLOCK_SIZE, (error, bytesRead) => {
        try {
          if (error !== null) throw error;
          checkBlock(buffer, bytesRead, block);
          lane(buffer);
        } catch (caught) {
          reject(caught);
        }
      });
    };
    for (let i = 0; i < depth; i += 1) lane(Buffer.alloc(BLOCK_SIZE));
  });
};

/** `fs.readSync`, one after the other. */
export const syncReader: Reader = async (file, _depth, count) => {
  const order = new BlockOrder(file.blocks);
  const buffer = Buffer.alloc(BLOCK_SIZE);
  for (let i = 0; i < count; i += 1) {
    const block = order.next();
    checkBlock(buffer, readSync(file.fd, buffer, 0, BLOCK_SIZE, block * BLOCK_SIZE), block);
  }
};
