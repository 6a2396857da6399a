import { checkFd, checkInteger, type RawFd } from '@polyring/core';
import { native } from './binding.js';

/**
 * Opens anew what a descriptor refers to, be it one of O_PATH, close-on-exec, by its link in /proc (proc_pid_fd(5)). Nothing
 * else can have its number meanwhile, as the call waits: O_NONBLOCK keeps that short. The new descriptor is closed at the end
 * of its environment, as by {@link own}.
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
