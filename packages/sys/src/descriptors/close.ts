import { checkFd, type RawFd } from '@polyring/core';
import { native } from '../addon/binding.js';
import { inPool } from '../addon/in-pool.js';
import { succeeded } from '../addon/outcome.js';

/**
 * Closes a descriptor (close(2)). An interruption is no error: Linux has released the number by then.
 *
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE; EBADF if it is not open; EIO, ENOSPC, EDQUOT from the file
 */
export function close(fd: RawFd): void {
  checkFd(fd);
  succeeded(native.close(fd), 'close', { fd });
}

/**
 * As {@link close}, in a thread of libuv's pool: the last close of a file may wait for its device.
 *
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE; (rejects) EBADF, EIO, ENOSPC, EDQUOT
 */
export function closeInPool(fd: RawFd): Promise<void> {
  checkFd(fd);
  return inPool((callback) => native.closeInPool(fd, callback), 'close', { fd }).then(() => {});
}
