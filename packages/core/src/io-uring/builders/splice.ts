import { checkInteger, flag } from '../../errors/argument-error.js';
import type { RawFd } from '../../values/raw-fd.js';
import { type Entry, makeRareEntry } from '../entry.js';
import { SPLICE_F_FD_IN_FIXED } from '../flags/splice.js';
import { IORING_OP_SPLICE, IORING_OP_TEE } from '../opcodes.js';
import { requireBits, requireFd, requireOffset } from './check.js';
import { type EntryOptions, sqeFlagsOf } from './options.js';

/** How bytes are moved between a pipe and another file. */
export interface TeeOptions extends EntryOptions {
  /** SPLICE_F_* bits. 0 by default. */
  readonly flags?: number | undefined;
  /** `fdIn` is the number of a registered file; `fixedFile` says so of `fdOut`. False by default. */
  readonly fixedFileIn?: boolean | undefined;
}

/** How bytes are moved, and where from and to. */
export interface SpliceOptions extends TeeOptions {
  /** Bytes from the start of the input; -1, the default, is its position, and the only choice for a pipe. */
  readonly offsetIn?: number | undefined;
  /** Bytes from the start of the output; as `offsetIn`. */
  readonly offsetOut?: number | undefined;
}

function move(opcode: number, fdIn: RawFd, fdOut: RawFd, length: number, options: TeeOptions) {
  requireFd(fdIn, 'fdIn');
  requireFd(fdOut, 'fdOut');
  checkInteger(length, 'length', 0, 0xffffffff);
  const sqeFlags = sqeFlagsOf(options);
  const { flags = 0 } = options;
  requireBits(flags, 'options.flags');
  return {
    opcode,
    flags: sqeFlags,
    fd: fdOut,
    len: length,
    opFlags: flags | (flag(options, 'fixedFileIn', false) ? SPLICE_F_FD_IN_FIXED : 0),
    fileIndex: fdIn,
  };
}

/**
 * Moves bytes between two files of which one is a pipe, without a copy through the process, as splice(2).
 *
 * Resolves to the bytes moved, which may be fewer; 0 at the end of the input.
 * Linux 5.7; io_uring_enter(2), IORING_OP_SPLICE.
 *
 * @param length the most bytes to move
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
 */
export function splice(fdIn: RawFd, fdOut: RawFd, length: number, options: SpliceOptions = {}): Entry {
  const fields = move(IORING_OP_SPLICE, fdIn, fdOut, length, options);
  const { offsetIn = -1, offsetOut = -1 } = options;
  requireOffset(offsetIn, 'options.offsetIn');
  requireOffset(offsetOut, 'options.offsetOut');
  return makeRareEntry({ ...fields, off: offsetOut, addr: offsetIn });
}

/**
 * Copies bytes from one pipe to another, which leaves them in the first, as tee(2).
 *
 * Resolves to the bytes copied, which may be fewer; 0 if there are none and the input has no writer.
 * Linux 5.8; io_uring_enter(2), IORING_OP_TEE.
 *
 * @param length the most bytes to copy
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
 */
export function tee(fdIn: RawFd, fdOut: RawFd, length: number, options: TeeOptions = {}): Entry {
  return makeRareEntry(move(IORING_OP_TEE, fdIn, fdOut, length, options));
}
