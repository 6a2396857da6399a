import { checkFd, type RawFd } from '@polyring/core';
import { native } from '../addon/binding.js';
import { inPool } from '../addon/in-pool.js';
import { checkViewRange } from '../arguments/view-range.js';

/**
 * Writes from a view at the end of a file, whatever it was opened for, in a thread of libuv's pool (pwritev2(2) with
 * RWF_APPEND). The descriptor's own position stays where it is. Leave the view as it is until then.
 *
 * @param offset bytes into the view
 * @param length bytes to write; default all from `offset`
 * @returns the bytes written, which may be fewer
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE, ERR_POLYRING_DETACHED; (rejects) EBADF, ENOSPC and the other errors of write(2)
 */
export function append(fd: RawFd, view: ArrayBufferView, offset = 0, length?: number): Promise<number> {
  checkFd(fd);
  const bytes = checkViewRange(view, offset, length);
  return inPool((callback) => native.append(fd, view, offset, bytes, callback), 'write', { fd });
}
