import { checkFd, checkInteger, type RawFd } from '@polyring/core';
import { native } from '../addon/binding.js';

/**
 * Opens anew what a descriptor refers to, be it one of O_PATH, close-on-exec, by its link in /proc (proc_pid_fd(5)). The call
 * waits, which O_NONBLOCK keeps short, and so this thread gives the number to nothing else meanwhile; another one may, if it
 * closes the descriptor. The new descriptor is closed at the end of its environment, as by {@link own}.
 *
 * @param flags O_* bits
 * @returns the new descriptor, or a negative error number: ENOENT where there is no /proc
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
 */
export function tryReopen(fd: RawFd, flags: number): RawFd {
  checkFd(fd);
  checkInteger(flags, 'flags', 0, 0x7fff_ffff);
  return native.reopen(fd, flags);
}
