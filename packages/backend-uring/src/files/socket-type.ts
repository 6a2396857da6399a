import type { RawFd } from '@polyring/core';
import { getsockopt, SO_TYPE, SOL_SOCKET } from '@polyring/sys';

const SOCK_STREAM = 1;
const SOCK_DGRAM = 2;
const SOCK_RAW = 3;

/** The SOCK_* number of a socket's type; undefined for what is no socket. */
export function socketTypeOf(fd: RawFd): number | undefined {
  try {
    return getsockopt(fd, SOL_SOCKET, SO_TYPE);
  } catch {
    return undefined;
  }
}

/** Whether what comes are datagrams, so that one of 0 bytes is no end. */
export function hasDatagrams(type: number | undefined): boolean {
  return type === SOCK_DGRAM || type === SOCK_RAW;
}

/** Whether what comes are messages, of which is lost what finds no room. */
export function hasMessages(type: number | undefined): boolean {
  return type !== undefined && type !== SOCK_STREAM;
}
