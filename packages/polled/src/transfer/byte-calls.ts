import { byteLengthOf, Errno, PollEvents, type RawFd } from '@polyring/core';
import {
  MSG_PEEK,
  MSG_TRUNC,
  poll,
  tryRead,
  tryReadv,
  tryRecv,
  tryRecvmsg,
  trySend,
  trySendmsg,
  tryWrite,
  tryWritev,
} from '@polyring/sys';

const { EAGAIN } = Errno;

const NOTHING = new Uint8Array(0);

/** The calls that move bytes through a descriptor. Each answers with a count, or with a negative error number. */
export interface ByteCalls {
  /** The names of the calls, for errors. */
  readonly names: { readonly read: string; readonly readv: string; readonly write: string; readonly writev: string };
  read(fd: RawFd, view: ArrayBufferView, offset: number, length: number): number;
  readv(fd: RawFd, views: readonly ArrayBufferView[]): number;
  write(fd: RawFd, view: ArrayBufferView, offset: number, length: number): number;
  writev(fd: RawFd, views: readonly ArrayBufferView[]): number;
  /** The bytes of the message that a read would take, where one takes a whole message; 0 where nobody tells. */
  messageSize(fd: RawFd): number;
}

/** The calls of any descriptor. */
export const FILE_CALLS: ByteCalls = {
  names: { read: 'read', readv: 'readv', write: 'write', writev: 'writev' },
  read: tryRead,
  readv: tryReadv,
  write: tryWrite,
  writev: tryWritev,
  messageSize: () => 0,
};

/**
 * The calls of a pipe. The kernel reads a named pipe that no writer has come to yet as one at its end. That is no end, and
 * poll(2) tells which it is. A writer may come meanwhile, so it is read again.
 */
export const PIPE_CALLS: ByteCalls = {
  ...FILE_CALLS,
  read: (fd, view, offset, length) => {
    const bytes = tryRead(fd, view, offset, length);
    if (bytes !== 0 || length === 0) return bytes;
    return pollsAsReadable(fd) ? tryRead(fd, view, offset, length) : EAGAIN;
  },
  readv: (fd, views) => {
    const bytes = tryReadv(fd, views);
    if (bytes !== 0 || views.every((view) => byteLengthOf(view) === 0)) return bytes;
    return pollsAsReadable(fd) ? tryReadv(fd, views) : EAGAIN;
  },
};

/**
 * Whether poll(2) reports a descriptor as readable. A pipe is that where it has bytes, or a writer that has left; one that is
 * just coming may look like that for a moment.
 */
export function pollsAsReadable(fd: RawFd): boolean {
  return poll(Int32Array.of(fd, PollEvents.IN, 0)) > 0;
}

/** The calls of a socket, which raise no SIGPIPE. */
export const SOCKET_CALLS: ByteCalls = {
  names: { read: 'recv', readv: 'recvmsg', write: 'send', writev: 'sendmsg' },
  read: tryRecv,
  readv: (fd, buffers) => {
    const received = tryRecvmsg(fd, { buffers });
    return typeof received === 'number' ? received : received.bytes;
  },
  write: trySend,
  writev: (fd, buffers) => trySendmsg(fd, { buffers }),
  messageSize: (fd) => tryRecv(fd, NOTHING, 0, 0, MSG_PEEK | MSG_TRUNC),
};
