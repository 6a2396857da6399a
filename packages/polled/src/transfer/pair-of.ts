import type { RawFd } from '@polyring/core';
import { close, own } from '@polyring/sys';

/** Makes the objects of two descriptors that come together, and closes both where one cannot be made. */
export function pairOf<T>(fds: readonly [RawFd, RawFd], make: (fd: RawFd) => T): [T, T] {
  for (const fd of fds) own(fd);
  try {
    return [make(fds[0]), make(fds[1])];
  } catch (error) {
    for (const fd of fds) close(fd);
    throw error;
  }
}
