import { checkFd, checkInteger, type RawFd } from '@polyring/core';
import { native } from '../addon/binding.js';
import { succeeded } from '../addon/outcome.js';
import { checkViewRange } from '../arguments/view-range.js';

/**
 * Receives from a socket (recv(2)). A call that a signal interrupts is repeated.
 *
 * @param offset bytes into the view
 * @param length bytes to receive; default all from `offset`
 * @param flags MSG_* bits
 * @returns the bytes received; 0 at the end of a stream. With MSG_TRUNC, a datagram's whole length
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE, ERR_POLYRING_DETACHED; EAGAIN, ECONNRESET and the others of recv(2)
 */
export function recv(fd: RawFd, view: ArrayBufferView, offset = 0, length?: number, flags = 0): number {
  return succeeded(tryRecv(fd, view, offset, length, flags), 'recv', { fd });
}

/**
 * Sends on a socket (send(2)), never with a SIGPIPE. A call that a signal interrupts is repeated.
 *
 * @param offset bytes into the view
 * @param length bytes to send; default all from `offset`
 * @param flags MSG_* bits
 * @returns the bytes sent, which may be fewer
 * @throws as {@link recv}; EPIPE if the connection is shut
 */
export function send(fd: RawFd, view: ArrayBufferView, offset = 0, length?: number, flags = 0): number {
  return succeeded(trySend(fd, view, offset, length, flags), 'send', { fd });
}

/**
 * As {@link recv}, but the kernel's error is answered as a negative number instead of thrown.
 *
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE, ERR_POLYRING_DETACHED
 */
export function tryRecv(fd: RawFd, view: ArrayBufferView, offset = 0, length?: number, flags = 0): number {
  checkFd(fd);
  const bytes = checkViewRange(view, offset, length);
  checkInteger(flags, 'flags', 0, 0x7fffffff);
  return native.recv(fd, view, offset, bytes, flags);
}

/**
 * As {@link send}, but the kernel's error is answered as a negative number instead of thrown.
 *
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE, ERR_POLYRING_DETACHED
 */
export function trySend(fd: RawFd, view: ArrayBufferView, offset = 0, length?: number, flags = 0): number {
  checkFd(fd);
  const bytes = checkViewRange(view, offset, length);
  checkInteger(flags, 'flags', 0, 0x7fffffff);
  return native.send(fd, view, offset, bytes, flags);
}
