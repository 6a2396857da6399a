import type { Driver } from '@polyring/core';
import { readableOf } from '../stream/readable.js';
import { writableOf } from '../stream/writable.js';
import type { CallOptions } from '../transfer/call-options.js';
import { bytesFrom } from './bytes-from.js';
import type { GuardedIo } from './guarded-io.js';
import type { PolledFile } from './polled-file.js';
import type { Extent } from './ranges.js';

/** A file, and what tells of its end. */
export interface StreamedFile {
  readonly driver: Driver;
  readonly file: PolledFile;
  readonly guarded: Pick<GuardedIo, 'onEnd'>;
}

/** A part of a file as a web stream, which leaves the file open. */
export function readableFile(
  { driver, file, guarded }: StreamedFile,
  { start, end }: Extent,
): ReadableStream<Uint8Array> {
  let position = start;
  const source = {
    read: async (view: ArrayBufferView, options: CallOptions) => {
      const length = Math.min(view.byteLength, end - position);
      if (length === 0) return 0;
      const bytes = await file.read(bytesFrom(view, 0, length), position, options);
      position += bytes;
      return bytes;
    },
    [Symbol.dispose]() {},
  };
  return readableOf(driver, source, (ended) => guarded.onEnd(ended));
}

/** A web stream that writes to a file from a position on, and leaves it open. */
export function writableFile({ driver, file, guarded }: StreamedFile, start: number): WritableStream<Uint8Array> {
  let position = start;
  const sink = {
    writeAll: async (chunk: ArrayBufferView, options: CallOptions) => {
      const bytes = await file.writeAll(chunk, position, options);
      position += bytes;
      return bytes;
    },
    [Symbol.dispose]() {},
  };
  return writableOf(driver, sink, (ended) => guarded.onEnd(ended));
}
