import { flag } from '../../errors/argument-error.js';
import type { RawFd } from '../../values/raw-fd.js';
import { encodeSocketAddress, type SocketAddressInput } from '../../values/socket-address.js';
import {
  type ShutdownDirection,
  type SocketFamily,
  type SocketType,
  shutdownNumber,
  socketFamilyNumber,
  socketTypeNumber,
} from '../../values/socket-type.js';
import { readStruct } from '../attachment.js';
import { Entry, MemoryAccess, makeEntry, makeRareEntry } from '../entry.js';
import { IORING_ACCEPT_DONTWAIT, IORING_ACCEPT_POLL_FIRST } from '../flags/socket.js';
import {
  IORING_OP_ACCEPT,
  IORING_OP_BIND,
  IORING_OP_CONNECT,
  IORING_OP_LISTEN,
  IORING_OP_SHUTDOWN,
  IORING_OP_SOCKET,
} from '../opcodes.js';
import { SocketAddressResult, socketAddressStructs } from '../results/socket-address-result.js';
import { requireCount, requireFd, requireResult } from './check.js';
import { type DirectOptions, type EntryOptions, fileIndexOf, socketFlags, sqeFlagsOf } from './options.js';

/** How a socket is made. */
export interface SocketEntryOptions extends DirectOptions, Pick<EntryOptions, 'async'> {
  /** The protocol's number; 0, the usual one of the family and type, by default. */
  readonly protocol?: number | undefined;
  /** O_NONBLOCK, of which the operations of this library on sockets take no notice. True by default. */
  readonly nonblock?: boolean | undefined;
}

/** How a connection is accepted. */
export interface AcceptEntryOptions extends DirectOptions, EntryOptions {
  /** O_NONBLOCK of the connection. True by default, as for {@link socket}. */
  readonly nonblock?: boolean | undefined;
  /**
   * Waits for a connection before it looks for one. Linked behind what a kernel worker does, as an fsync, it rejects with EAGAIN
   * unless it has `async` as well. Linux 6.10. False by default.
   */
  readonly pollFirst?: boolean | undefined;
  /** Is told the address of the other end. */
  readonly peer?: SocketAddressResult | undefined;
  /** Rejects with EAGAIN if no connection waits. Linux 6.10. False by default. */
  readonly dontWait?: boolean | undefined;
}

const { KernelReads } = MemoryAccess;

const DEFAULT_BACKLOG = 511;

/**
 * Makes a socket, close-on-exec, as socket(2).
 *
 * Resolves to the descriptor, which is the caller's to close; also when the operation was aborted but won.
 * Linux 5.19; io_uring_enter(2), IORING_OP_SOCKET.
 *
 * @throws ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE, ERR_OUT_OF_RANGE
 */
export function socket(family: SocketFamily, type: SocketType, options: SocketEntryOptions = {}): Entry {
  const flags = sqeFlagsOf(options);
  const fileIndex = fileIndexOf(options);
  const { protocol = 0 } = options;
  requireCount(protocol, 'options.protocol');
  return makeRareEntry({
    opcode: IORING_OP_SOCKET,
    flags,
    fd: socketFamilyNumber(family),
    off: socketTypeNumber(type) | socketFlags(flag(options, 'nonblock', true), fileIndex),
    len: protocol,
    fileIndex,
  });
}

/**
 * Gives a socket its address, as bind(2).
 *
 * Resolves to 0. Rejects with EADDRINUSE, EADDRNOTAVAIL, EACCES and the others of bind(2).
 * Linux 6.11; io_uring_enter(2), IORING_OP_BIND.
 *
 * @throws ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE, ERR_OUT_OF_RANGE
 */
export function bind(fd: RawFd, address: SocketAddressInput, options: EntryOptions = {}): Entry {
  return withAddress(IORING_OP_BIND, fd, address, options);
}

/**
 * Connects a socket, as connect(2). Also on a socket with O_NONBLOCK the promise settles when it is connected or failed.
 *
 * Resolves to 0. Rejects with ECONNREFUSED, ENOENT, EISCONN and the others of connect(2).
 * Linux 5.5; io_uring_enter(2), IORING_OP_CONNECT.
 *
 * @throws ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE, ERR_OUT_OF_RANGE
 */
export function connect(fd: RawFd, address: SocketAddressInput, options: EntryOptions = {}): Entry {
  return withAddress(IORING_OP_CONNECT, fd, address, options);
}

function withAddress(opcode: number, fd: RawFd, address: SocketAddressInput, options: EntryOptions): Entry {
  requireFd(fd);
  const flags = sqeFlagsOf(options);
  const bytes = encodeSocketAddress(address);
  return Entry.unsafe({ opcode, flags, fd, off: bytes.length, attached: { addr: readStruct(bytes.slice()) } });
}

/**
 * Lets a socket accept connections, as listen(2).
 *
 * Resolves to 0. Linux 6.11; io_uring_enter(2), IORING_OP_LISTEN.
 *
 * @param backlog how many connections may wait to be accepted; 511 by default, as Node.js takes
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
 */
export function listen(fd: RawFd, backlog = DEFAULT_BACKLOG, options: EntryOptions = {}): Entry {
  requireFd(fd);
  requireCount(backlog, 'backlog');
  return makeRareEntry({ opcode: IORING_OP_LISTEN, flags: sqeFlagsOf(options), fd, len: backlog });
}

/**
 * Accepts a connection, close-on-exec, as accept4(2).
 *
 * Resolves to its descriptor, which is the caller's to close; also when the operation was aborted but won. On a
 * socket without O_NONBLOCK the promise waits for a connection.
 * Linux 5.5; io_uring_enter(2), IORING_OP_ACCEPT.
 *
 * @throws ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE, ERR_OUT_OF_RANGE
 */
export function accept(fd: RawFd, options?: AcceptEntryOptions): Entry {
  requireFd(fd);
  if (options === undefined) {
    return makeEntry(IORING_OP_ACCEPT, 0, fd, 0, 0, socketFlags(true, 0), undefined, KernelReads);
  }
  const flags = sqeFlagsOf(options);
  const fileIndex = fileIndexOf(options);
  const { peer } = options;
  const dontWait = flag(options, 'dontWait', false) ? IORING_ACCEPT_DONTWAIT : 0;
  const fields = {
    opcode: IORING_OP_ACCEPT,
    flags,
    ioprio: dontWait | (flag(options, 'pollFirst', false) ? IORING_ACCEPT_POLL_FIRST : 0),
    fd,
    opFlags: socketFlags(flag(options, 'nonblock', true), fileIndex),
    fileIndex,
  };
  if (peer === undefined) return makeRareEntry(fields);
  requireResult(peer, SocketAddressResult, 'SocketAddressResult', 'options.peer');
  const { address, length } = socketAddressStructs(peer);
  return Entry.unsafe({ ...fields, attached: { addr: address, off: length } });
}

/**
 * Shuts one direction of a connection, or both, as shutdown(2). The descriptor stays open.
 *
 * Resolves to 0. Rejects with ENOTCONN and the others of shutdown(2).
 * Linux 5.11; io_uring_enter(2), IORING_OP_SHUTDOWN.
 *
 * @throws ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE, ERR_OUT_OF_RANGE
 */
export function shutdown(fd: RawFd, direction: ShutdownDirection, options: EntryOptions = {}): Entry {
  requireFd(fd);
  return makeRareEntry({
    opcode: IORING_OP_SHUTDOWN,
    flags: sqeFlagsOf(options),
    fd,
    len: shutdownNumber(direction),
  });
}
