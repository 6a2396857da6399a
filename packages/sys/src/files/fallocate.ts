import { checkFd, checkInteger, type RawFd } from '@polyring/core';
import { native } from '../addon/binding.js';
import { inPool } from '../addon/in-pool.js';

/**
 * Allocates, punches or otherwise changes the space of a file, in a thread of libuv's pool (fallocate(2)).
 *
 * @param mode FALLOC_FL_* bits; 0 allocates, and makes the file longer where it has to
 * @param offset the first byte
 * @param length bytes, at least 1
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE; (rejects) ENOSPC, ENOTSUP, EBADF and the other errors of fallocate(2)
 */
export function fallocate(fd: RawFd, mode: number, offset: number, length: number): Promise<void> {
  checkFd(fd);
  checkInteger(mode, 'mode', 0, 0xffff);
  checkInteger(offset, 'offset', 0, Number.MAX_SAFE_INTEGER);
  checkInteger(length, 'length', 1, Number.MAX_SAFE_INTEGER);
  return inPool((callback) => native.fallocate(fd, mode, offset, length, callback), 'fallocate', { fd }).then(() => {});
}
