import { checkInteger, outOfRange } from '../../errors/argument-error.js';
import type { RawFd } from '../../values/raw-fd.js';
import { Entry, MemoryAccess, makeRareEntry } from '../entry.js';
import {
  MADV_COLD,
  MADV_COLLAPSE,
  MADV_DODUMP,
  MADV_DONTDUMP,
  MADV_HUGEPAGE,
  MADV_NOHUGEPAGE,
  MADV_NORMAL,
  MADV_PAGEOUT,
  MADV_POPULATE_READ,
  MADV_POPULATE_WRITE,
  MADV_RANDOM,
  MADV_SEQUENTIAL,
  MADV_WILLNEED,
} from '../flags/file-range.js';
import {
  IORING_OP_FADVISE,
  IORING_OP_FALLOCATE,
  IORING_OP_FTRUNCATE,
  IORING_OP_MADVISE,
  IORING_OP_SYNC_FILE_RANGE,
} from '../opcodes.js';
import { requireBits, requireBuffer, requireFd } from './check.js';
import { type EntryOptions, sqeFlagsOf } from './options.js';

/** How room is made in a file. */
export interface FallocateOptions extends EntryOptions {
  /** FALLOC_FL_* bits. 0, which allocates and extends, by default. */
  readonly mode?: number | undefined;
}

const LARGEST_OFFSET = Number.MAX_SAFE_INTEGER;
const UINT32_MAX = 0xffffffff;

/** Advice that leaves what the memory holds, and whose it is, as it is. */
const HARMLESS_ADVICE = new Set<number>([
  MADV_NORMAL,
  MADV_RANDOM,
  MADV_SEQUENTIAL,
  MADV_WILLNEED,
  MADV_HUGEPAGE,
  MADV_NOHUGEPAGE,
  MADV_DONTDUMP,
  MADV_DODUMP,
  MADV_COLD,
  MADV_PAGEOUT,
  MADV_POPULATE_READ,
  MADV_POPULATE_WRITE,
  MADV_COLLAPSE,
]);

/**
 * Makes room in a file, or a hole, as fallocate(2).
 *
 * Resolves to 0. Rejects with ENOSPC, ENOTSUP where the file system cannot, and the others of fallocate(2).
 * Linux 5.6; io_uring_enter(2), IORING_OP_FALLOCATE.
 *
 * @param offset bytes from the start of the file
 * @param length bytes, at least 1
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
 */
export function fallocate(fd: RawFd, offset: number, length: number, options: FallocateOptions = {}): Entry {
  requireFd(fd);
  const flags = sqeFlagsOf(options);
  checkInteger(offset, 'offset', 0, LARGEST_OFFSET);
  checkInteger(length, 'length', 1, LARGEST_OFFSET);
  const { mode = 0 } = options;
  requireBits(mode, 'options.mode');
  return makeRareEntry({ opcode: IORING_OP_FALLOCATE, flags, fd, off: offset, addr: length, len: mode });
}

/**
 * Sets the size of a file, as ftruncate(2).
 *
 * Resolves to 0. Linux 6.9; io_uring_enter(2), IORING_OP_FTRUNCATE.
 *
 * @param length bytes; what is beyond is cut off, what is missing becomes zeros
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
 */
export function ftruncate(fd: RawFd, length = 0, options: EntryOptions = {}): Entry {
  requireFd(fd);
  checkInteger(length, 'length', 0, LARGEST_OFFSET);
  return makeRareEntry({ opcode: IORING_OP_FTRUNCATE, flags: sqeFlagsOf(options), fd, off: length });
}

/**
 * Starts to write a range of a file to its device, or waits for that, as sync_file_range(2), which says what this is
 * good for: no metadata is written, so that it is no {@link "io-uring/builders/file-io".fsync}.
 *
 * Resolves to 0. Linux 5.2; io_uring_enter(2), IORING_OP_SYNC_FILE_RANGE.
 *
 * @param offset bytes from the start of the file
 * @param length bytes; 0 is all from `offset`
 * @param flags SYNC_FILE_RANGE_* bits
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
 */
export function syncFileRange(
  fd: RawFd,
  offset: number,
  length: number,
  flags: number,
  options: EntryOptions = {},
): Entry {
  return onRange(IORING_OP_SYNC_FILE_RANGE, fd, offset, length, flags, 'flags', options);
}

/**
 * Says how a range of a file will be read, as posix_fadvise(2).
 *
 * Resolves to 0. Linux 5.6; io_uring_enter(2), IORING_OP_FADVISE.
 *
 * @param offset bytes from the start of the file
 * @param length bytes; 0 is all from `offset`
 * @param advice one of POSIX_FADV_*
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
 */
export function fadvise(fd: RawFd, offset: number, length: number, advice: number, options: EntryOptions = {}): Entry {
  return onRange(IORING_OP_FADVISE, fd, offset, length, advice, 'advice', options);
}

function onRange(
  opcode: number,
  fd: RawFd,
  offset: number,
  length: number,
  opFlags: number,
  name: string,
  options: EntryOptions,
): Entry {
  requireFd(fd);
  checkInteger(offset, 'offset', 0, LARGEST_OFFSET);
  checkInteger(length, 'length', 0, UINT32_MAX);
  requireBits(opFlags, name);
  return makeRareEntry({ opcode, flags: sqeFlagsOf(options), fd, off: offset, len: length, opFlags });
}

/**
 * Says how memory of the driver will be used, as madvise(2).
 *
 * Resolves to 0. Rejects with EINVAL unless the buffer starts at a page, as what `driver.allocate` lends from 4096
 * bytes on does where a page has as many, and with ERR_INVALID_ARG_TYPE for other memory.
 * Linux 5.6; io_uring_enter(2), IORING_OP_MADVISE.
 *
 * @param buffer memory of `driver.allocate`
 * @param advice one of MADV_* of this library. Advice that changes what memory holds or does to others, such as
 * MADV_DONTNEED or MADV_GUARD_INSTALL, is refused: pages are shared with other loans
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
 */
export function madvise(buffer: ArrayBufferView, advice: number): Entry {
  const length = requireBuffer(buffer);
  requireBits(advice, 'advice');
  if (!HARMLESS_ADVICE.has(advice)) throw outOfRange('advice', 'one of MADV_* of this library', advice);
  return Entry.unsafe({
    opcode: IORING_OP_MADVISE,
    len: length,
    opFlags: advice,
    attached: { addr: { kind: 'bytes', view: buffer, length, access: MemoryAccess.KernelReads, inPlaceOnly: true } },
  });
}
