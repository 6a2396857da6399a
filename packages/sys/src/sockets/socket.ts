import {
  addressDetails,
  checkFd,
  checkInteger,
  decodeSocketAddress,
  Errno,
  encodeSocketAddress,
  flag,
  type RawFd,
  type ShutdownDirection,
  SOCKADDR_SIZE,
  type SocketAddress,
  type SocketAddressInput,
  type SocketFamily,
  type SocketType,
  shutdownNumber,
  socketFamilyNumber,
  socketTypeNumber,
  systemError,
} from '@polyring/core';
import { native } from '../addon/binding.js';
import { succeeded } from '../addon/outcome.js';

/** How a socket is made. */
export interface SocketOptions {
  /** The protocol's number; default 0, the usual one of the family and type. */
  readonly protocol?: number | undefined;
  /** O_NONBLOCK. Default true. */
  readonly nonblock?: boolean | undefined;
}

/** How a connection is accepted. */
export interface AcceptOptions {
  /** O_NONBLOCK of the connection. Default true. */
  readonly nonblock?: boolean | undefined;
}

/** A connection and whose it is. */
export interface AcceptedSocket {
  readonly fd: RawFd;
  readonly address: SocketAddress;
}

/** The backlog that Node.js takes too; the kernel lowers it to `net.core.somaxconn`. */
const DEFAULT_BACKLOG = 511;

/**
 * Makes a socket, close-on-exec (socket(2)).
 *
 * @param family a name, or the AF_* number of another family, such as 16 for AF_NETLINK and 29 for AF_CAN
 * @throws ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE, ERR_OUT_OF_RANGE; EAFNOSUPPORT, EPROTONOSUPPORT, EPROTOTYPE, EMFILE, ENFILE
 */
export function socket(family: SocketFamily | number, type: SocketType, options: SocketOptions = {}): RawFd {
  const domain = socketFamilyNumber(family);
  const nonblock = flag(options, 'nonblock', true);
  const { protocol = 0 } = options;
  checkInteger(protocol, 'options.protocol', 0, 0x7fffffff);
  return succeeded(native.socket(domain, socketTypeNumber(type), protocol, nonblock), 'socket');
}

/**
 * Gives a socket its address (bind(2)).
 *
 * @throws ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE, ERR_OUT_OF_RANGE; EADDRINUSE, EADDRNOTAVAIL, EACCES, EINVAL and the
 * others of bind(2)
 */
export function bind(fd: RawFd, address: SocketAddressInput): void {
  checkFd(fd);
  succeeded(native.bind(fd, encodeSocketAddress(address)), 'bind', { fd, ...addressDetails(address) });
}

/**
 * Lets a socket accept connections (listen(2)).
 *
 * @param backlog how many connections may wait to be accepted
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE; EADDRINUSE, ENOTSUP, EBADF, ENOTSOCK
 */
export function listen(fd: RawFd, backlog = DEFAULT_BACKLOG): void {
  checkFd(fd);
  checkInteger(backlog, 'backlog', 0, 0x7fffffff);
  succeeded(native.listen(fd, backlog), 'listen', { fd });
}

/**
 * Accepts a connection, close-on-exec (accept4(2)).
 *
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE; EAGAIN if none waits; ECONNABORTED, EMFILE, ENFILE, EINVAL and the others of accept(2)
 */
export function accept4(fd: RawFd, options: AcceptOptions = {}): RawFd {
  return succeeded(tryAccept(fd, options), 'accept4', { fd });
}

/**
 * As {@link accept4}, but the kernel's error is answered as a negative number instead of thrown.
 *
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
 */
export function tryAccept(fd: RawFd, options: AcceptOptions = {}): number {
  checkFd(fd);
  return native.accept4(fd, flag(options, 'nonblock', true));
}

/**
 * As {@link accept4}, with the address of the other end.
 *
 * @throws as {@link accept4}
 */
export function acceptWithAddress(fd: RawFd, options: AcceptOptions = {}): AcceptedSocket {
  checkFd(fd);
  const bytes = new Uint8Array(SOCKADDR_SIZE);
  const accepted = native.acceptWithAddress(fd, flag(options, 'nonblock', true), bytes);
  if (typeof accepted === 'number') throw systemError(accepted, 'accept4', { fd });
  const [connection, length] = accepted;
  return { fd: connection, address: decodeSocketAddress(bytes.subarray(0, length)) };
}

/**
 * Connects a socket (connect(2)).
 *
 * @returns 0, or the negative EINPROGRESS if it goes on by itself: wait until it is writable, then ask for SO_ERROR
 * @throws ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE, ERR_OUT_OF_RANGE; ECONNREFUSED, ENOENT, EISCONN, and EAGAIN if a unix
 * socket's backlog is full, and the others of connect(2)
 */
export function connect(fd: RawFd, address: SocketAddressInput): number {
  checkFd(fd);
  const result = native.connect(fd, encodeSocketAddress(address));
  return result === Errno.EINPROGRESS ? result : succeeded(result, 'connect', { fd, ...addressDetails(address) });
}

/**
 * The address of a socket's own end (getsockname(2)).
 *
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE; EBADF, ENOTSOCK
 */
export function getsockname(fd: RawFd): SocketAddress {
  checkFd(fd);
  const bytes = new Uint8Array(SOCKADDR_SIZE);
  const length = succeeded(native.getsockname(fd, bytes), 'getsockname', { fd });
  return decodeSocketAddress(bytes.subarray(0, length));
}

/**
 * The address of a socket's other end (getpeername(2)).
 *
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE; ENOTCONN, EBADF, ENOTSOCK
 */
export function getpeername(fd: RawFd): SocketAddress {
  checkFd(fd);
  const bytes = new Uint8Array(SOCKADDR_SIZE);
  const length = succeeded(native.getpeername(fd, bytes), 'getpeername', { fd });
  return decodeSocketAddress(bytes.subarray(0, length));
}

/**
 * Shuts one direction of a connection, or both (shutdown(2)). The descriptor stays open.
 *
 * @throws ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE, ERR_OUT_OF_RANGE; ENOTCONN, EBADF, ENOTSOCK
 */
export function shutdown(fd: RawFd, direction: ShutdownDirection): void {
  checkFd(fd);
  succeeded(native.shutdown(fd, shutdownNumber(direction)), 'shutdown', { fd });
}
