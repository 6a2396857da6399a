import { viewLength } from '@polyring/sys';
import type { CallOptions } from '../transfer/call-options.js';
import { bytesFrom } from './bytes-from.js';
import { OWN_POSITION } from './file-io.js';
import type { GuardedIo } from './guarded-io.js';

/** Where a transfer goes on after some bytes; a file's own position has moved by itself. */
function after(position: number, bytes: number): number {
  return position === OWN_POSITION ? OWN_POSITION : position + bytes;
}

/**
 * Reads until a buffer is full or the file is at its end.
 *
 * @returns the bytes read; fewer than there is room for only at the end
 */
export async function readFully(
  file: GuardedIo,
  buffer: ArrayBufferView,
  position: number,
  options?: CallOptions,
): Promise<number> {
  const length = viewLength(buffer, 'buffer');
  let done = await file.io.read(buffer, position, options);
  for (let bytes = done; bytes > 0 && done < length; done += bytes) {
    bytes = await file.io.read(bytesFrom(buffer, done), after(position, done), options);
  }
  return done;
}

/** Writes a whole buffer, in transfers of at most so many bytes. */
export async function writeFully(
  buffer: ArrayBufferView,
  position: number,
  most: number,
  write: (part: ArrayBufferView, position: number) => Promise<number>,
): Promise<number> {
  const length = viewLength(buffer, 'buffer');
  let done = await write(length > most ? bytesFrom(buffer, 0, most) : buffer, position);
  while (done < length) {
    done += await write(bytesFrom(buffer, done, Math.min(length - done, most)), after(position, done));
  }
  return done;
}
