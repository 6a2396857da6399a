import { types } from 'node:util';
import { checkInteger, flag, invalidArgType, invalidWord, outOfRange } from '../../errors/argument-error.js';
import { Entry, MemoryAccess, makeRareEntry } from '../entry.js';
import { IORING_FILE_INDEX_ALLOC, IORING_FIXED_FD_NO_CLOEXEC } from '../flags/registered-files.js';
import { IOSQE_FIXED_FILE } from '../flags/sqe.js';
import { IORING_OP_CLOSE, IORING_OP_FILES_UPDATE, IORING_OP_FIXED_FD_INSTALL } from '../opcodes.js';

/** How a registered file gets a descriptor. */
export interface FixedFdInstallOptions {
  /** Close-on-exec. True by default. */
  readonly cloexec?: boolean | undefined;
}

/** The most registered files that one operation changes. */
const MAXIMUM_FILES = 32768;

function checkSlot(slot: number): void {
  checkInteger(slot, 'slot', 0, IORING_FILE_INDEX_ALLOC - 2);
}

/**
 * Changes registered files: each slot from `first` on gets the file of a descriptor, or with -1 none.
 *
 * Resolves to how many were changed. Rejects with ENXIO if no files are registered.
 * Linux 5.6, `'alloc'` 6.0; io_uring_enter(2), IORING_OP_FILES_UPDATE.
 *
 * @param fds the descriptors
 * @param first the first slot; or `'alloc'` for any free ones, whose numbers then stand in `fds` when the promise resolves
 * @throws ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE, ERR_OUT_OF_RANGE
 */
export function filesUpdate(fds: Int32Array, first: number | 'alloc' = 0): Entry {
  if (!types.isInt32Array(fds)) throw invalidArgType('fds', 'an Int32Array', fds);
  if (fds.length < 1 || fds.length > MAXIMUM_FILES) throw outOfRange('fds.length', `1 to ${MAXIMUM_FILES}`, fds.length);
  const allocates = first === 'alloc';
  if (typeof first === 'number') checkInteger(first, 'first', 0, 0x7fffffff);
  else if (!allocates) throw invalidWord('first', ['alloc'], first, 'of type string or number');
  const access = allocates ? MemoryAccess.KernelWrites : MemoryAccess.KernelReads;
  return Entry.unsafe({
    opcode: IORING_OP_FILES_UPDATE,
    off: allocates ? IORING_FILE_INDEX_ALLOC : first,
    len: fds.length,
    attached: { addr: { kind: 'bytes', view: fds, length: fds.byteLength, access } },
  });
}

/**
 * Makes a descriptor of a registered file.
 *
 * Resolves to the descriptor, close-on-exec unless told otherwise, which is the caller's to close.
 * Rejects with EBADF if the slot is empty. Linux 6.8; io_uring_enter(2), IORING_OP_FIXED_FD_INSTALL.
 *
 * @param slot the number of the registered file
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
 */
export function fixedFdInstall(slot: number, options: FixedFdInstallOptions = {}): Entry {
  checkSlot(slot);
  return makeRareEntry({
    opcode: IORING_OP_FIXED_FD_INSTALL,
    flags: IOSQE_FIXED_FILE,
    fd: slot,
    opFlags: flag(options, 'cloexec', true) ? 0 : IORING_FIXED_FD_NO_CLOEXEC,
  });
}

/**
 * Takes a file out of the registered files, which closes it if nobody else has it open.
 *
 * Resolves to 0. Rejects with EBADF if the slot is empty. Linux 5.15; io_uring_enter(2), IORING_OP_CLOSE.
 *
 * @param slot the number of the registered file
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
 */
export function closeDirect(slot: number): Entry {
  checkSlot(slot);
  return makeRareEntry({ opcode: IORING_OP_CLOSE, fd: 0, fileIndex: slot + 1 });
}
