import type { Driver } from '@polyring/core';
import { readableOf } from '../stream/readable.js';
import { writableOf } from '../stream/writable.js';
import { bytesFrom } from './bytes-from.js';
import type { PolledFile } from './polled-file.js';
import type { Extent } from './ranges.js';

/** A part of a file as a web stream, which leaves the file open. */
export function readableFile(driver: Driver, file: PolledFile, { start, end }: Extent): ReadableStream<Uint8Array> {
  let position = start;
  return readableOf(driver, {
    read: async (view, options) => {
      const length = Math.min(view.byteLength, end - position);
      if (length === 0) return 0;
      const bytes = await file.read(bytesFrom(view, 0, length), position, options);
      position += bytes;
      return bytes;
    },
    [Symbol.dispose]() {},
  });
}

/** A web stream that writes to a file from a position on, and leaves it open. */
export function writableFile(driver: Driver, file: PolledFile, start: number): WritableStream<Uint8Array> {
  let position = start;
  return writableOf(driver, {
    writeAll: async (chunk, options) => {
      const bytes = await file.writeAll(chunk, position, options);
      position += bytes;
      return bytes;
    },
    [Symbol.dispose]() {},
  });
}
