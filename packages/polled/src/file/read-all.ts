import { constants } from 'node:buffer';
import { outOfRange, type PollOptions } from '@polyring/core';
import { OWN_POSITION } from './file-io.js';
import type { GuardedIo } from './guarded-io.js';
import type { Extent } from './ranges.js';

/** Bytes of one read, so that a large file needs no second copy of itself in the driver's pool. */
const SLICE = 512 * 1024;

/** Bytes to begin with where the size is not known, as for files of procfs. */
const GUESS = 64 * 1024;

/** Reads a range up to its end, or up to the end of the file. */
export async function readAll(file: GuardedIo, { start, end }: Extent, limits?: PollOptions): Promise<Buffer> {
  const { size } = await file.io.stat(limits);
  const most = end - start;
  // One byte more than there should be, so that the read that finds the end needs no larger buffer.
  let buffer = allocated(Math.min(size > start ? size - start + 1 : GUESS, most));
  let length = 0;
  while (length < most) {
    if (length === buffer.length) buffer = grown(buffer, Math.min(2 * length, most));
    const piece = buffer.subarray(length, length + SLICE);
    const bytes = await file.io.read(piece, file.seekable ? start + length : OWN_POSITION, limits);
    if (bytes === 0) break;
    length += bytes;
  }
  // A little that is not used is not worth a copy.
  return buffer.length - length <= length / 8 ? buffer.subarray(0, length) : grown(buffer.subarray(0, length), length);
}

/** Node.js refuses what is larger than `MAX_LENGTH`, and V8 what it finds no memory for, by a RangeError without a code. */
function allocated(length: number): Buffer {
  try {
    return Buffer.allocUnsafeSlow(length);
  } catch {
    const range = `no more than a Buffer may hold, ${constants.MAX_LENGTH}, and there is memory for. Read a range, or with chunks()`;
    throw outOfRange('the bytes to read', range, length);
  }
}

function grown(buffer: Buffer, length: number): Buffer {
  const larger = allocated(length);
  buffer.copy(larger);
  return larger;
}
