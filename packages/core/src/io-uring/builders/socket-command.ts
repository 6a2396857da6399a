import { checkInteger, outOfRange } from '../../errors/argument-error.js';
import type { RawFd } from '../../values/raw-fd.js';
import { checkReadableOption, SOL_SOCKET } from '../../values/socket-option.js';
import { Entry, MemoryAccess, makeRareEntry } from '../entry.js';
import {
  SOCKET_URING_OP_GETSOCKOPT,
  SOCKET_URING_OP_SETSOCKOPT,
  SOCKET_URING_OP_SIOCINQ,
  SOCKET_URING_OP_SIOCOUTQ,
} from '../flags/uring-cmd.js';
import { IORING_OP_URING_CMD } from '../opcodes.js';
import { requireBuffer, requireFd } from './check.js';
import { type EntryOptions, sqeFlagsOf } from './options.js';

const TWO_TO_32 = 2 ** 32;

/** A name of the kernel's is within the low 21 bits, so that it and the level make a safe integer. */
const LARGEST_NAME = 2 ** 20;

/**
 * Tells how many bytes can be received from a socket, as ioctl(2) with SIOCINQ.
 *
 * Resolves to the number. Linux 6.7; io_uring_enter(2), IORING_OP_URING_CMD.
 *
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
 */
export function socketInq(fd: RawFd, options: EntryOptions = {}): Entry {
  return command(fd, SOCKET_URING_OP_SIOCINQ, options);
}

/**
 * Tells how many bytes were sent on a socket and not acknowledged, or not sent yet, as ioctl(2) with SIOCOUTQ.
 *
 * Resolves to the number. Linux 6.7; io_uring_enter(2), IORING_OP_URING_CMD.
 *
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
 */
export function socketOutq(fd: RawFd, options: EntryOptions = {}): Entry {
  return command(fd, SOCKET_URING_OP_SIOCOUTQ, options);
}

function command(fd: RawFd, off: number, options: EntryOptions): Entry {
  requireFd(fd);
  return makeRareEntry({ opcode: IORING_OP_URING_CMD, flags: sqeFlagsOf(options), fd, off });
}

/**
 * Reads an option of a socket, as getsockopt(2).
 *
 * Resolves to the bytes of the value. Rejects with ENOTSUP for another level than SOL_SOCKET.
 * Linux 6.7; io_uring_enter(2), IORING_OP_URING_CMD.
 *
 * @param level SOL_SOCKET
 * @param name SO_* of the level, except for SO_GET_FILTER, whose length the kernel does not take in bytes
 * @param value where the value goes
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
 */
export function getsockopt(
  fd: RawFd,
  level: number,
  name: number,
  value: ArrayBufferView,
  options: EntryOptions = {},
): Entry {
  if (level !== SOL_SOCKET) throw outOfRange('level', `${SOL_SOCKET} (SOL_SOCKET)`, level);
  checkReadableOption(level, name);
  return optionCommand(SOCKET_URING_OP_GETSOCKOPT, fd, level, name, value, MemoryAccess.KernelWrites, options);
}

/**
 * Sets an option of a socket, as setsockopt(2).
 *
 * Resolves to 0. Rejects with ENOPROTOOPT, EINVAL and the others of setsockopt(2).
 * Linux 6.7; io_uring_enter(2), IORING_OP_URING_CMD.
 *
 * @param level SOL_SOCKET, or the number of a protocol
 * @param name the option's number in that level
 * @param value the bytes of the value, such as `Int32Array.of(1)`. Options whose value holds addresses of memory, such
 * as SO_ATTACH_FILTER, are not meant: the kernel reads what stands there
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
 */
export function setsockopt(
  fd: RawFd,
  level: number,
  name: number,
  value: ArrayBufferView,
  options: EntryOptions = {},
): Entry {
  return optionCommand(SOCKET_URING_OP_SETSOCKOPT, fd, level, name, value, MemoryAccess.KernelReads, options);
}

function optionCommand(
  off: number,
  fd: RawFd,
  level: number,
  name: number,
  value: ArrayBufferView,
  access: MemoryAccess,
  options: EntryOptions,
): Entry {
  requireFd(fd);
  checkInteger(level, 'level', 0, 0x7fffffff);
  checkInteger(name, 'name', 0, LARGEST_NAME);
  const length = requireBuffer(value);
  return Entry.unsafe({
    opcode: IORING_OP_URING_CMD,
    flags: sqeFlagsOf(options),
    fd,
    off,
    addr: level + name * TWO_TO_32,
    // `optlen`.
    fileIndex: length,
    attached: { addr3: { kind: 'bytes', view: value, length, access, resultIsLength: true } },
  });
}
