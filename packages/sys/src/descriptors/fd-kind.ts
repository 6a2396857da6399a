import { constants } from 'node:fs';
import { checkFd, type RawFd, systemError } from '@polyring/core';
import { native } from '../addon/binding.js';
import { succeeded } from '../addon/outcome.js';

/** What a descriptor refers to. `anonymous` has no file behind it: eventfd, timerfd, epoll, inotify, signalfd, io_uring. */
export type FdKind = 'file' | 'directory' | 'character' | 'block' | 'fifo' | 'socket' | 'anonymous';

const KINDS: ReadonlyMap<number, FdKind> = new Map([
  [constants.S_IFREG, 'file'],
  [constants.S_IFDIR, 'directory'],
  [constants.S_IFCHR, 'character'],
  [constants.S_IFBLK, 'block'],
  [constants.S_IFIFO, 'fifo'],
  [constants.S_IFSOCK, 'socket'],
]);

/**
 * What a descriptor refers to, by fstat(2). It says nothing about whether it can be polled: see `checkPollable`.
 *
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE; EBADF
 */
export function fdKind(fd: RawFd): FdKind {
  checkFd(fd);
  return KINDS.get(succeeded(native.fileType(fd), 'fstat', { fd })) ?? 'anonymous';
}

/**
 * Throws unless a descriptor is a socket, of any family (getsockopt(2), SO_TYPE).
 *
 * @param syscall the call that the error names
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE; ENOTSOCK, EBADF
 */
export function checkSocket(fd: RawFd, syscall = 'getsockopt'): void {
  checkFd(fd);
  const result = native.socketType(fd);
  if (result < 0) throw systemError(result, syscall, { fd });
}
