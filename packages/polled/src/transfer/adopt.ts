import { blockingFdError, type RawFd } from '@polyring/core';
import { isNonblocking } from '@polyring/sys';

/** @throws ERR_POLYRING_BLOCKING_FD, EBADF; ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE */
export function requireNonblocking(fd: RawFd): void {
  if (!isNonblocking(fd)) throw blockingFdError(fd);
}
