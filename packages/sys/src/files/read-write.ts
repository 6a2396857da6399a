import { checkFd, type RawFd } from '@polyring/core';
import { native } from '../addon/binding.js';
import { succeeded } from '../addon/outcome.js';
import { checkViewRange } from '../arguments/view-range.js';

/**
 * Reads into a view, at the descriptor's own position (read(2)). A read that a signal
 * interrupts is repeated.
 *
 * @param offset bytes into the view
 * @param length bytes to read; default all from `offset`
 * @returns the bytes read; 0 at the end
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE, ERR_POLYRING_DETACHED; EAGAIN, EBADF and the other errors of read(2)
 */
export function read(fd: RawFd, view: ArrayBufferView, offset = 0, length?: number): number {
  return succeeded(tryRead(fd, view, offset, length), 'read', { fd });
}

/**
 * Writes from a view, at the descriptor's own position (write(2)). A write that a signal
 * interrupts is repeated.
 *
 * @param offset bytes into the view
 * @param length bytes to write; default all from `offset`
 * @returns the bytes written, which may be fewer
 * @throws as {@link read}; EPIPE if nobody can read it any more
 */
export function write(fd: RawFd, view: ArrayBufferView, offset = 0, length?: number): number {
  return succeeded(tryWrite(fd, view, offset, length), 'write', { fd });
}

/**
 * As {@link read}, but the kernel's error is answered as a negative number instead of thrown.
 *
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE, ERR_POLYRING_DETACHED
 */
export function tryRead(fd: RawFd, view: ArrayBufferView, offset = 0, length?: number): number {
  checkFd(fd);
  const bytes = checkViewRange(view, offset, length);
  return native.read(fd, view, offset, bytes);
}

/**
 * As {@link write}, but the kernel's error is answered as a negative number instead of thrown.
 *
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE, ERR_POLYRING_DETACHED
 */
export function tryWrite(fd: RawFd, view: ArrayBufferView, offset = 0, length?: number): number {
  checkFd(fd);
  const bytes = checkViewRange(view, offset, length);
  return native.write(fd, view, offset, bytes);
}
