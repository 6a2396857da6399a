import { byteLengthOf, checkInteger, invalidArgType } from '@polyring/core';
import { viewLength } from '@polyring/sys';
import type { CallOptions } from './call-options.js';

/** Which part of a buffer a call is for. */
export interface RangeOptions extends CallOptions {
  /** Bytes into the buffer. Default 0. */
  readonly offset?: number | undefined;
  /** Bytes. Default all from `offset`. */
  readonly length?: number | undefined;
}

/** Where in a buffer of so many bytes a call begins. */
export function checkOffset(bytes: number, options: RangeOptions | undefined): number {
  const offset = options?.offset;
  if (offset === undefined) return 0;
  checkInteger(offset, 'options.offset', 0, bytes);
  return offset;
}

/** How many bytes a call is for, of those that are left behind its offset. */
export function checkLength(rest: number, options: RangeOptions | undefined): number {
  const length = options?.length;
  if (length === undefined) return rest;
  checkInteger(length, 'options.length', 0, rest);
  return length;
}

/** How many bytes several buffers hold. */
export function totalLength(buffers: readonly ArrayBufferView[]): number {
  if (!Array.isArray(buffers)) throw invalidArgType('buffers', 'an instance of Array', buffers);
  let length = 0;
  for (const [index, buffer] of buffers.entries()) {
    length += viewLength(buffer, `buffers[${index}]`);
  }
  return length;
}

/** The first of several buffers that has room, with its bytes now: it may be detached, and then is empty. */
export function firstWithRoom(
  buffers: readonly ArrayBufferView[],
): { readonly view: ArrayBufferView; readonly length: number } | undefined {
  const view = buffers.find((buffer) => byteLengthOf(buffer) > 0);
  return view && { view, length: byteLengthOf(view) };
}
