import type { RawFd } from '@polyring/core';
import { getsockoptBytes, IPPROTO_TCP, TCP_INFO } from '@polyring/sys';

/** Of linux/tcp_states.h. */
const SYN_SENT = 2;
const SYN_RECV = 3;
const CLOSE = 7;

/** The part of `struct tcp_info` (linux/tcp.h) up to the count of bytes that the peer has acknowledged. */
const SIZE = 128;
const BYTES_ACKED = 120;

/** How far a TCP socket is with its connection. */
export type Progress =
  /** The attempt goes on. */
  | 'connecting'
  /** The peer has accepted it, be it over since by an error or by both ends. */
  | 'made'
  /** There is none, as where the attempt has failed. */
  | 'none';

export function progressOf(fd: RawFd): Progress {
  return progressIn(getsockoptBytes(fd, IPPROTO_TCP, TCP_INFO, SIZE));
}

/** What a `struct tcp_info` says of it. */
export function progressIn(info: Buffer): Progress {
  const state = info[0];
  if (state === SYN_SENT || state === SYN_RECV) return 'connecting';
  // Of one that is there still the state tells, where a kernel does not count. The SYN counts too.
  return state !== CLOSE || info.readBigUInt64LE(BYTES_ACKED) !== 0n ? 'made' : 'none';
}
