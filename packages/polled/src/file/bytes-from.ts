import { outOfRange, partOf } from '@polyring/core';
import { viewLength } from '@polyring/sys';

/**
 * A part of a view as bytes, by its true bounds: a class of a caller's may say others of itself, and `node:fs` ends the
 * process for what reaches beyond.
 *
 * @throws ERR_INVALID_ARG_TYPE; ERR_POLYRING_DETACHED; ERR_OUT_OF_RANGE for what is not there, or not any more
 */
export function bytesFrom(view: ArrayBufferView, from = 0, length?: number): Uint8Array {
  const bytes = viewLength(view, 'buffer');
  const end = length === undefined ? bytes : from + length;
  if (from > end || end > bytes) throw outOfRange('buffer.byteLength', `>= ${Math.max(from, end)}`, bytes);
  // What a resizable buffer has shrunk below has no offset.
  return bytes === 0 ? new Uint8Array() : partOf(view, from, end - from);
}
