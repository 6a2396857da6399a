import { constants } from 'node:fs';
import { checkBoolean, checkFd, type RawFd } from '@polyring/core';
import { native } from '../addon/binding.js';
import { succeeded } from '../addon/outcome.js';

/**
 * The open file's access mode and status flags, O_* of `fs.constants` (fcntl(2), F_GETFL).
 *
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE; EBADF
 */
export function fcntlGetFlags(fd: RawFd): number {
  checkFd(fd);
  return succeeded(native.getFlags(fd), 'fcntl', { fd });
}

/**
 * Whether calls on the open file answer EAGAIN instead of blocking (O_NONBLOCK).
 *
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE; EBADF
 */
export function isNonblocking(fd: RawFd): boolean {
  return (fcntlGetFlags(fd) & constants.O_NONBLOCK) !== 0;
}

/**
 * Sets or clears O_NONBLOCK (fcntl(2), F_SETFL). It belongs to the open file, so every duplicate
 * of the descriptor sees it, in other processes too.
 *
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE; EBADF
 */
export function setNonblocking(fd: RawFd, nonblocking = true): void {
  checkBoolean(nonblocking, 'nonblocking');
  const flags = fcntlGetFlags(fd);
  const wanted = nonblocking ? flags | constants.O_NONBLOCK : flags & ~constants.O_NONBLOCK;
  if (wanted !== flags) succeeded(native.setFlags(fd, wanted), 'fcntl', { fd });
}
