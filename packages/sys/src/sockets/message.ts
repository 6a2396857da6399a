import {
  checkFd,
  checkInteger,
  checkObject,
  decodeSocketAddress,
  encodeSocketAddress,
  invalidArgType,
  MAXIMUM_MESSAGE_FDS,
  outOfRange,
  type RawFd,
  SOCKADDR_SIZE,
  type SocketAddress,
  type SocketAddressInput,
  systemError,
} from '@polyring/core';
import { native } from '../addon/binding.js';
import { succeeded } from '../addon/outcome.js';
import { checkViews } from '../arguments/view-range.js';

/** A message to send. */
export interface OutgoingMessage {
  /** The bytes, in at most 1024 pieces. Descriptors need at least one byte with them on a stream. */
  readonly buffers: readonly ArrayBufferView[];
  /** Descriptors of which the receiver gets duplicates (unix(7), SCM_RIGHTS). They stay the sender's too. */
  readonly fds?: readonly RawFd[] | undefined;
  /** Where to send it, for a socket that is not connected. */
  readonly address?: SocketAddressInput | undefined;
  /** MSG_* bits. */
  readonly flags?: number | undefined;
}

/** How to receive a message. */
export interface IncomingMessage {
  /** Where the bytes go, in at most 1024 pieces. */
  readonly buffers: readonly ArrayBufferView[];
  /** The most descriptors to take. Default 0. The kernel drops those beyond it and sets MSG_CTRUNC. */
  readonly maximumFds?: number | undefined;
  /** MSG_* bits. */
  readonly flags?: number | undefined;
}

/** A message that was received. */
export interface ReceivedMessage {
  /** The bytes received; 0 at the end of a stream. With MSG_TRUNC, a datagram's whole length. */
  readonly bytes: number;
  /** The descriptors that came with it, close-on-exec. The receiver has to close them. */
  readonly fds: RawFd[];
  /** Who sent it, where the socket's type tells. */
  readonly address: SocketAddress | undefined;
  /** What the kernel says of the message: MSG_TRUNC, MSG_CTRUNC, MSG_EOR, MSG_OOB. */
  readonly flags: number;
}

/** Where the addon says what came beside the bytes; the descriptors follow. */
const ADDRESS_LENGTH = 0;
const FLAGS = 1;
const FD_COUNT = 2;
const FDS = 3;

const NO_ADDRESS = new Uint8Array(0);
const NO_FDS = new Int32Array(0);

/**
 * Sends a message, with descriptors if there are any (sendmsg(2)), never with a SIGPIPE.
 *
 * @returns the bytes sent, which may be fewer on a stream; the descriptors went with the first
 * @throws ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE, ERR_OUT_OF_RANGE, ERR_POLYRING_DETACHED; EAGAIN, EPIPE, EMSGSIZE,
 * EBADF for a descriptor to pass as well, ETOOMANYREFS, and the others of sendmsg(2)
 */
export function sendmsg(fd: RawFd, message: OutgoingMessage): number {
  return succeeded(trySendmsg(fd, message), 'sendmsg', { fd });
}

/**
 * As {@link sendmsg}, but the kernel's error is answered as a negative number instead of thrown.
 *
 * @throws ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE, ERR_OUT_OF_RANGE, ERR_POLYRING_DETACHED
 */
export function trySendmsg(fd: RawFd, message: OutgoingMessage): number {
  checkFd(fd);
  checkObject(message, 'message');
  const { buffers, flags = 0, address, fds } = message;
  checkViews(buffers, 'message.buffers');
  checkInteger(flags, 'message.flags', 0, 0x7fffffff);
  const target = address === undefined ? NO_ADDRESS : encodeSocketAddress(address);
  return native.sendmsg(fd, buffers, target, fds === undefined ? NO_FDS : descriptors(fds), flags);
}

/**
 * Receives a message, with the descriptors that came with it (recvmsg(2)).
 *
 * No descriptor is left open unseen: what came is in `fds`, and what found no room was closed.
 *
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE, ERR_POLYRING_DETACHED; EAGAIN, ECONNRESET and the others of recvmsg(2)
 */
export function recvmsg(fd: RawFd, message: IncomingMessage): ReceivedMessage {
  const received = tryRecvmsg(fd, message);
  if (typeof received === 'number') throw systemError(received, 'recvmsg', { fd });
  return received;
}

/**
 * As {@link recvmsg}, but the kernel's error is answered as a negative number instead of thrown.
 *
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE, ERR_POLYRING_DETACHED
 */
export function tryRecvmsg(fd: RawFd, message: IncomingMessage): ReceivedMessage | number {
  checkFd(fd);
  checkObject(message, 'message');
  const { buffers, flags = 0, maximumFds = 0 } = message;
  checkViews(buffers, 'message.buffers');
  checkInteger(flags, 'message.flags', 0, 0x7fffffff);
  checkInteger(maximumFds, 'message.maximumFds', 0, MAXIMUM_MESSAGE_FDS);
  const address = new Uint8Array(SOCKADDR_SIZE);
  const outcome = new Int32Array(FDS + maximumFds);
  const bytes = native.recvmsg(fd, buffers, address, outcome, flags);
  if (bytes < 0) return bytes;
  const length = outcome[ADDRESS_LENGTH]!;
  return {
    bytes,
    fds: [...outcome.subarray(FDS, FDS + outcome[FD_COUNT]!)],
    address: length === 0 ? undefined : decodeSocketAddress(address.subarray(0, length)),
    flags: outcome[FLAGS]!,
  };
}

function descriptors(fds: unknown): Int32Array {
  if (!Array.isArray(fds)) throw invalidArgType('message.fds', 'an instance of Array', fds);
  if (fds.length > MAXIMUM_MESSAGE_FDS) throw outOfRange('message.fds.length', `<= ${MAXIMUM_MESSAGE_FDS}`, fds.length);
  // Each is asked for once: an element may be a getter.
  return Int32Array.from(fds, (fd: unknown, index) => {
    checkFd(fd, `message.fds[${index}]`);
    return fd;
  });
}
