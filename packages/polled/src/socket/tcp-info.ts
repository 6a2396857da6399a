import type { RawFd } from '@polyring/core';
import { getsockoptBytes, IPPROTO_TCP, TCP_INFO } from '@polyring/sys';

/** TCP_CLOSE of linux/tcp_states.h. */
const CLOSE = 7;

/** The part of `struct tcp_info` (linux/tcp.h) up to the count of bytes that the peer has acknowledged. */
const SIZE = 128;
const BYTES_ACKED = 120;

/** Whether the peer of a TCP socket, which is not attempting to connect any more, has accepted a connection, be it over since. */
export function wasMade(fd: RawFd): boolean {
  const info = tcpInfo(fd);
  // Of one that is there still the state tells, where a kernel does not count.
  return info[0] !== CLOSE || isAcknowledged(info);
}

/** Whether a connection of a TCP socket was made, and is over by an error or by both ends. */
export function isLost(fd: RawFd): boolean {
  const info = tcpInfo(fd);
  return isAcknowledged(info) && info[0] === CLOSE;
}

function tcpInfo(fd: RawFd): Buffer {
  return getsockoptBytes(fd, IPPROTO_TCP, TCP_INFO, SIZE);
}

/** The SYN counts too. */
function isAcknowledged(info: Buffer): boolean {
  return info.readBigUInt64LE(BYTES_ACKED) !== 0n;
}
