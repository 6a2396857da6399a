import { checkInteger, type Driver, type PollOptions } from '@polyring/core';
import { alignedMemory } from './aligned-memory.js';
import { OWN_POSITION } from './file-io.js';
import type { GuardedIo } from './guarded-io.js';
import { extentOf, type FileRange } from './ranges.js';
import { readFully, writeFully } from './whole-transfers.js';

/** What of a file is copied, and how. */
export interface CopyOptions extends FileRange {
  /** Where in the target the first byte goes. Default 0. A target that appends, and a stream, ignore it. */
  readonly position?: number | undefined;
  /** Bytes of each transfer. Default 262,144. */
  readonly chunkSize?: number | undefined;
  /** Transfers at the same time. Default 4; 1 where one of the two is a stream, or the target appends. */
  readonly inFlight?: number | undefined;
}

const CHUNK_SIZE = 262_144;
const IN_FLIGHT = 4;
const LARGEST_CHUNK = 0x1000_0000;

/** The one who is copied to. */
export interface CopyTarget {
  readonly file: GuardedIo;
  readonly appends: boolean;
}

/**
 * Copies through memory of the driver: each lane reads a chunk, writes it once those before it were read, and takes the
 * next one. So no more is in memory than all lanes hold, however slow the target is.
 *
 * @returns the bytes copied
 */
export async function copyFile(
  driver: Driver,
  source: GuardedIo,
  target: CopyTarget,
  options: CopyOptions,
  limits: PollOptions | undefined,
): Promise<number> {
  const { position = 0, chunkSize = CHUNK_SIZE, inFlight = IN_FLIGHT } = options;
  const { start, end } = extentOf(options);
  checkInteger(position, 'options.position', 0, Number.MAX_SAFE_INTEGER);
  checkInteger(chunkSize, 'options.chunkSize', 1, LARGEST_CHUNK);
  checkInteger(inFlight, 'options.inFlight', 1, 1024);
  const ordered = !source.seekable || !target.file.seekable || target.appends;
  let next = start;
  let over = false;
  let copied = 0;
  /** Whether the chunks that were taken until now have all been there in full, once they were read. */
  let inFull = Promise.resolve(true);

  const lane = async (): Promise<void> => {
    using memory = alignedMemory(driver, chunkSize);
    while (!over && next < end) {
      const from = next;
      const buffer = memory.bytes.subarray(0, Math.min(chunkSize, end - from));
      next += buffer.length;
      const reading = readFully(source, buffer, source.seekable ? from : OWN_POSITION, limits);
      const before = inFull;
      inFull = reading.then(
        (bytes) => bytes === buffer.length && before,
        () => false,
      );
      const bytes = await reading;
      if (bytes < buffer.length) over = true;
      // What was read behind the end of the file came later, and has a gap before it.
      if (bytes === 0 || !(await before)) return;
      const write = (part: ArrayBufferView, at: number) => target.file.io.write(part, at, limits);
      const at = ordered && target.appends ? OWN_POSITION : position + (from - start);
      // The others add to it meanwhile.
      const written = await writeFully(buffer.subarray(0, bytes), at, chunkSize, write);
      copied += written;
    }
  };
  const lanes = Array.from({ length: ordered ? 1 : inFlight }, async () => {
    try {
      await lane();
    } catch (error) {
      over = true;
      throw error;
    }
  });
  // A failure is told when no lane uses the two files any more.
  const failure = (await Promise.allSettled(lanes)).find(({ status }) => status === 'rejected');
  if (failure !== undefined) throw (failure as PromiseRejectedResult).reason;
  return copied;
}
