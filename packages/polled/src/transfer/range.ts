import { byteLengthOf, checkInteger, partOf } from '@polyring/core';
import { checkViewRange, checkViews, viewLength } from '@polyring/sys';
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

/** The part of a buffer that a call is for, as bytes. */
export function rangeOf(buffer: ArrayBufferView, options: RangeOptions | undefined): Uint8Array {
  const bytes = viewLength(buffer, 'buffer');
  const offset = checkOffset(bytes, options);
  const length = checkLength(bytes - offset, options);
  // What a resizable buffer has shrunk below has no offset.
  return length === 0 ? new Uint8Array() : bytesOf(buffer, offset, length);
}

/** How many bytes several buffers hold, which are at most 1024. */
export function totalLength(buffers: readonly ArrayBufferView[]): number {
  checkViews(buffers, 'buffers');
  let length = 0;
  for (const buffer of buffers) length += byteLengthOf(buffer);
  return length;
}

/** A part of a view, as bytes. It is checked again, as the view may have been detached, or shrunk, since it was given. */
export function bytesOf(view: ArrayBufferView, offset: number, length: number): Uint8Array {
  if (offset === 0 && view instanceof Uint8Array && byteLengthOf(view) === length) return view;
  checkViewRange(view, offset, length);
  return partOf(view, offset, length);
}
