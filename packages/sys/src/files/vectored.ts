import { checkFd, type RawFd } from '@polyring/core';
import { native } from '../addon/binding.js';
import { succeeded } from '../addon/outcome.js';
import { checkViews } from '../arguments/view-range.js';

/**
 * Reads into several views, one after the other (readv(2)).
 *
 * @param views at most 1024
 * @returns the bytes read; 0 at the end
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE, ERR_POLYRING_DETACHED; the errors of read(2)
 */
export function readv(fd: RawFd, views: readonly ArrayBufferView[]): number {
  return succeeded(tryReadv(fd, views), 'readv', { fd });
}

/**
 * As {@link readv}, but the kernel's error is answered as a negative number instead of thrown.
 *
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE, ERR_POLYRING_DETACHED
 */
export function tryReadv(fd: RawFd, views: readonly ArrayBufferView[]): number {
  checkFd(fd);
  checkViews(views, 'views');
  return native.readv(fd, views);
}

/**
 * Writes from several views, one after the other (writev(2)).
 *
 * @param views at most 1024
 * @returns the bytes written, which may be fewer
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE, ERR_POLYRING_DETACHED; the errors of write(2)
 */
export function writev(fd: RawFd, views: readonly ArrayBufferView[]): number {
  return succeeded(tryWritev(fd, views), 'writev', { fd });
}

/**
 * As {@link writev}, but the kernel's error is answered as a negative number instead of thrown.
 *
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE, ERR_POLYRING_DETACHED
 */
export function tryWritev(fd: RawFd, views: readonly ArrayBufferView[]): number {
  checkFd(fd);
  checkViews(views, 'views');
  return native.writev(fd, views);
}
