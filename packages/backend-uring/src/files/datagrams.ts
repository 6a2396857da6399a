import type { RawFd } from '@polyring/core';
import { getsockopt, SO_TYPE, SOL_SOCKET } from '@polyring/sys';

const SOCK_DGRAM = 2;
const SOCK_RAW = 3;

/** Whether what comes are datagrams, so that one of 0 bytes is no end. */
export function hasDatagrams(fd: RawFd): boolean {
  try {
    const type = getsockopt(fd, SOL_SOCKET, SO_TYPE);
    return type === SOCK_DGRAM || type === SOCK_RAW;
  } catch {
    return false;
  }
}
