import type { RawFd } from '@polyring/core';
import { getsockopt, IPPROTO_TCP, SO_PROTOCOL, SOL_SOCKET, type SocketType, shutdown } from '@polyring/sys';
import type { StreamKind } from '../stream/stream-kind.js';
import { SOCKET_CALLS } from '../transfer/byte-calls.js';

/** TCP. SCTP has streams too, whose reads end at the borders of messages. */
export const TCP: StreamKind = {
  calls: SOCKET_CALLS,
  stream: true,
  datagrams: false,
  shortReadsDrain: true,
  finish: finishWriting,
};
const BYTES: StreamKind = { ...TCP, shortReadsDrain: false };
/** Of a connection, whose end is read as an empty one is. */
const MESSAGES: StreamKind = { ...BYTES, stream: false };
const DATAGRAMS: StreamKind = { ...MESSAGES, datagrams: true };

/** How the halves of a socket meet it. */
export function socketKind(socket: RawFd, type: SocketType | undefined): StreamKind {
  if (type === 'dgram' || type === 'raw') return DATAGRAMS;
  if (type !== 'stream') return MESSAGES;
  return getsockopt(socket, SOL_SOCKET, SO_PROTOCOL) === IPPROTO_TCP ? TCP : BYTES;
}

/** Ends the writing direction of what may not be connected any more, or never was. */
export function finishWriting(fd: RawFd): void {
  try {
    shutdown(fd, 'write');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOTCONN') throw error;
  }
}
