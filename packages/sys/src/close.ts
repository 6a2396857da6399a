import { checkFd, type RawFd } from '@polyring/core';
import { native } from './binding.js';
import { succeeded } from './outcome.js';

/**
 * Closes a descriptor (close(2)). An interruption is no error: Linux has released the number by then.
 *
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE; EBADF if it is not open; EIO, ENOSPC, EDQUOT from the file
 */
export function close(fd: RawFd): void {
  checkFd(fd);
  succeeded(native.close(fd), 'close', { fd });
}
