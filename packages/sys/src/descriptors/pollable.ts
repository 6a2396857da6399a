import { checkFd, type RawFd, systemError } from '@polyring/core';
import { native } from '../addon/binding.js';
import { EPOLL_CTL_ADD, EPOLLIN } from '../constants/epoll.js';
import { epollCreate, epollCtl } from '../polling/epoll.js';
import { close } from './close.js';

/**
 * Throws unless the kernel can poll a descriptor. It is asked by a trial registration with a
 * temporary epoll set, because the type of the file does not tell: some regular files of procfs
 * and sysfs can be polled, and `/dev/null` cannot.
 *
 * @param syscall the call that the error names
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE; EBADF if it is not open; EPERM if it cannot be polled; EMFILE, ENFILE for the temporary set
 */
export function checkPollable(fd: RawFd, syscall = 'epoll_ctl'): void {
  checkFd(fd);
  // The temporary set takes the lowest free number, which is that of a descriptor just closed.
  const flags = native.getFlags(fd);
  if (flags < 0) throw systemError(flags, syscall, { fd });
  const set = epollCreate({ owned: true });
  const result = epollCtl(set, EPOLL_CTL_ADD, fd, EPOLLIN, 0, 0);
  close(set);
  if (result < 0) throw systemError(result, syscall, { fd });
}
