import { checkInteger } from '@polyring/core';
import type { CallOptions } from '../transfer/call-options.js';
import { OWN_POSITION } from './file-io.js';
import type { GuardedIo } from './guarded-io.js';
import { extentOf, type FileRange } from './ranges.js';
import { readFully } from './whole-transfers.js';

/** How a file is read chunk by chunk. The signal and the time limit are those of each chunk. */
export interface ChunkOptions extends FileRange {
  /** Bytes of each chunk but the last. Default 65,536. */
  readonly chunkSize?: number | undefined;
  /** Chunks that are read beyond the one that is waited for. Default 2; a stream has none. */
  readonly readAhead?: number | undefined;
}

const CHUNK_SIZE = 65_536;
const READ_AHEAD = 2;
const LARGEST_CHUNK = 0x4000_0000;

/** Chunk after chunk, in order. When the consumer leaves, the reads under way are waited for. */
export function chunksOf(file: GuardedIo, options: ChunkOptions): AsyncGenerator<Buffer, void, void> {
  const { start, end } = extentOf(options);
  const { chunkSize = CHUNK_SIZE, readAhead = READ_AHEAD } = options;
  checkInteger(chunkSize, 'options.chunkSize', 1, LARGEST_CHUNK);
  checkInteger(readAhead, 'options.readAhead', 0, 1024);
  return file.seekable
    ? inOrder(file, start, end, chunkSize, readAhead, options)
    : asTheyCome(file, chunkSize, options);
}

async function* inOrder(
  file: GuardedIo,
  start: number,
  end: number,
  chunkSize: number,
  readAhead: number,
  options: CallOptions,
): AsyncGenerator<Buffer, void, void> {
  const reads: Promise<Buffer>[] = [];
  let position = start;
  const readOn = (): void => {
    const length = Math.min(chunkSize, end - position);
    if (length === 0) return;
    const read = readChunk(file, position, length, options);
    // A failure is told when its turn comes, if it comes.
    read.catch(() => {});
    reads.push(read);
    position += length;
  };
  try {
    while (reads.length <= readAhead && position < end) readOn();
    for (let read = reads.shift(); read !== undefined; read = reads.shift()) {
      const chunk = await read;
      readOn();
      if (chunk.length > 0) yield chunk;
      // The end of the file; what was read behind it came later, and has a gap before it.
      if (chunk.length < chunkSize) return;
    }
  } finally {
    await Promise.allSettled(reads);
  }
}

async function* asTheyCome(
  file: GuardedIo,
  chunkSize: number,
  options: CallOptions,
): AsyncGenerator<Buffer, void, void> {
  for (;;) {
    const buffer = Buffer.allocUnsafeSlow(chunkSize);
    const bytes = await file.io.read(buffer, OWN_POSITION, options);
    if (bytes === 0) return;
    yield buffer.subarray(0, bytes);
  }
}

async function readChunk(file: GuardedIo, position: number, length: number, options: CallOptions): Promise<Buffer> {
  const buffer = Buffer.allocUnsafeSlow(length);
  const bytes = await readFully(file, buffer, position, options);
  return bytes === length ? buffer : buffer.subarray(0, bytes);
}
