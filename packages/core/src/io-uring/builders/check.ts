import { checkFd, checkInteger, invalidArgType, outOfRange } from '../../errors/argument-error.js';
import { byteLengthOf } from '../../values/view.js';
import { Entry } from '../entry.js';
import { copyOfViews } from '../views.js';

/** The most bytes one read or write moves: MAX_RW_COUNT of the kernel, the largest `int` less a page of 4 KiB. */
export const MAXIMUM_TRANSFER = 0x7ffff000;

/** The most buffers one vectored read or write takes: IOV_MAX of `<limits.h>`. */
export const MAXIMUM_VECTORS = 1024;

const INT32_MAX = 0x7fffffff;

/** Throws unless `fd` may be a descriptor. The common case is one comparison. */
export function requireFd(fd: number, name?: string): void {
  if (typeof fd !== 'number' || (fd | 0) !== fd || fd < 0) checkFd(fd, name);
}

/** Throws unless `offset` is a position in a file, or -1 for the current one. */
export function requireOffset(offset: number, name = 'offset'): void {
  if (!Number.isSafeInteger(offset) || offset < -1) checkInteger(offset, name, -1, Number.MAX_SAFE_INTEGER);
}

/** The length of one buffer in bytes; throws unless it is a view that one transfer can move. */
export function requireBuffer(buffer: ArrayBufferView): number {
  if (!ArrayBuffer.isView(buffer)) throw invalidArgType('buffer', 'an ArrayBufferView', buffer);
  const byteLength = byteLengthOf(buffer);
  if (byteLength > MAXIMUM_TRANSFER) throw outOfRange('buffer.byteLength', `<= ${MAXIMUM_TRANSFER}`, byteLength);
  return byteLength;
}

/** A copy of the list that stays as it is; throws unless one transfer can move what it lists. */
export function requireVectors(vectors: readonly ArrayBufferView[], name = 'vectors'): readonly ArrayBufferView[] {
  const copy = copyOfViews(vectors, name);
  checkInteger(copy.length, `${name}.length`, 1, MAXIMUM_VECTORS);
  const total = copy.reduce((sum, view) => sum + byteLengthOf(view), 0);
  if (total > MAXIMUM_TRANSFER) throw outOfRange(`the bytes of ${name}`, `<= ${MAXIMUM_TRANSFER}`, total);
  return copy;
}

/** Throws unless `target` is an entry. */
export function requireEntry(target: Entry): void {
  if (!(target instanceof Entry)) throw invalidArgType('target', 'an Entry', target);
}

/** Throws unless `value` holds bits of a 32-bit field. */
export function requireBits(value: number, name: string): void {
  checkInteger(value, name, 0, 0xffffffff);
}

/** Throws unless `value` is a count from 0 to the largest `int`. */
export function requireCount(value: number, name: string): void {
  checkInteger(value, name, 0, INT32_MAX);
}

/** Throws unless `buffers` names a group of buffers. */
export function requireBufferGroup(buffers: { readonly group: number }): void {
  if (typeof buffers !== 'object' || buffers === null) throw invalidArgType('buffers', 'a BufferRing', buffers);
  checkInteger(buffers.group, 'buffers.group', 0, 0xffff);
}

/** Throws unless `result` is what an operation can fill. */
export function requireResult(
  result: object,
  type: abstract new (...given: never) => object,
  typeName: string,
  name = 'result',
): void {
  if (!(result instanceof type)) throw invalidArgType(name, `an instance of ${typeName}`, result);
}
