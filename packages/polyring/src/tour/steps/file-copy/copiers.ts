import { closeSync, openSync, read as readCallback, write as writeCallback, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { promisify } from 'node:util';
import { type Driver, IORING_OP_READ, IORING_OP_WRITE, read, write } from '@polyring/core';
import { type CopyLane, type CopyResult, copyInLanes } from './copy-lanes.js';

/** Bytes of one read or write. */
export const CHUNK = 16 * 1024;

/** Reads and writes in flight. */
export const IN_FLIGHT = 32;

/** A copy to be made. The target does not exist before. */
export interface CopyOrder {
  readonly source: string;
  readonly target: string;
  /** Bytes of the source. */
  readonly size: number;
  /** Is told the bytes copied so far. */
  progress(bytes: number): void;
}

/** Whether a driver can read and write files itself. */
export function hasFileIo(driver: Driver): boolean {
  return driver.supports.ioUring && driver.ioUringProbe(IORING_OP_READ) && driver.ioUringProbe(IORING_OP_WRITE);
}

/** Copies through the driver's ring, in memory of the driver. */
export function copyByRing(driver: Driver, order: CopyOrder): Promise<CopyResult> {
  return withDescriptors(order, async (source, target) => {
    const loans = Array.from({ length: IN_FLIGHT }, () => driver.allocate(CHUNK));
    const lanes = loans.map(
      ({ bytes }): CopyLane => ({
        bytes,
        read: (view, position) => driver.ioUringSubmit(read(source, view, position)),
        write: (view, position) => driver.ioUringSubmit(write(target, view, position)),
      }),
    );
    try {
      return await copyInLanes(lanes, order.size, order.progress);
    } finally {
      for (const loan of loans) loan.release();
    }
  });
}

const readAsync = promisify(readCallback);
const writeAsync = promisify(writeCallback);

/** Copies through node:fs with its callbacks, for a driver without a ring. */
export function copyByCallbacks(order: CopyOrder): Promise<CopyResult> {
  return withDescriptors(order, (source, target) => {
    const lanes = ordinaryLanes(
      async (view, position) => (await readAsync(source, view, 0, view.length, position)).bytesRead,
      async (view, position) => (await writeAsync(target, view, 0, view.length, position)).bytesWritten,
    );
    return copyInLanes(lanes, order.size, order.progress);
  });
}

/** Copies through the file handles of fs/promises. */
export async function copyByFileHandles(order: CopyOrder): Promise<CopyResult> {
  // Made here and now: a signal's clean-up must not overlook a file that a pool thread is about to make.
  writeFileSync(order.target, '', { flag: 'wx', mode: 0o600 });
  const source = await open(order.source, 'r');
  try {
    const target = await open(order.target, 'r+');
    try {
      const lanes = ordinaryLanes(
        async (view, position) => (await source.read(view, 0, view.length, position)).bytesRead,
        async (view, position) => (await target.write(view, 0, view.length, position)).bytesWritten,
      );
      return await copyInLanes(lanes, order.size, order.progress);
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
}

function ordinaryLanes(read: CopyLane['read'], write: CopyLane['write']): CopyLane[] {
  return Array.from({ length: IN_FLIGHT }, () => ({ bytes: Buffer.alloc(CHUNK), read, write }));
}

async function withDescriptors<T>(order: CopyOrder, use: (source: number, target: number) => Promise<T>): Promise<T> {
  const source = openSync(order.source, 'r');
  try {
    const target = openSync(order.target, 'wx', 0o600);
    try {
      return await use(source, target);
    } finally {
      closeSync(target);
    }
  } finally {
    closeSync(source);
  }
}
