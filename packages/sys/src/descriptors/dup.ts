import { checkFd, type RawFd } from '@polyring/core';
import { native } from '../addon/binding.js';
import { succeeded } from '../addon/outcome.js';

/**
 * Makes a second descriptor of the same open file, close-on-exec (fcntl(2), F_DUPFD_CLOEXEC).
 *
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE; EBADF, EMFILE
 */
export function dup(fd: RawFd): RawFd {
  checkFd(fd);
  return succeeded(native.dup(fd), 'fcntl', { fd });
}
