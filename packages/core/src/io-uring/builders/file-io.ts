import { checkInteger, flag, outOfRange } from '../../errors/argument-error.js';
import type { RawFd } from '../../values/raw-fd.js';
import { type Entry, MemoryAccess, makeEntry, makeRareEntry } from '../entry.js';
import { IORING_FSYNC_DATASYNC } from '../flags/file-io.js';
import {
  IORING_OP_CLOSE,
  IORING_OP_FSYNC,
  IORING_OP_READ,
  IORING_OP_READ_FIXED,
  IORING_OP_READV,
  IORING_OP_READV_FIXED,
  IORING_OP_WRITE,
  IORING_OP_WRITE_FIXED,
  IORING_OP_WRITEV,
  IORING_OP_WRITEV_FIXED,
} from '../opcodes.js';
import { requireBits, requireBuffer, requireFd, requireOffset, requireVectors } from './check.js';
import { type EntryOptions, sqeFlagsOf } from './options.js';

const { KernelReads, KernelWrites } = MemoryAccess;

/** How a read or a write is to be done. */
export interface TransferOptions extends EntryOptions {
  /** RWF_* bits, as preadv2(2) and pwritev2(2) take them. None by default. */
  readonly rwFlags?: number | undefined;
}

/** What of a file is to be synced, and how. */
export interface FsyncOptions extends EntryOptions {
  /** Leaves out the metadata that reading the data does not need, as fdatasync(2). False by default. */
  readonly dataSync?: boolean | undefined;
  /** The first byte of the range. 0 by default. */
  readonly offset?: number | undefined;
  /** The bytes of the range; 0, the default, is the whole file, and allowed with offset 0 only. */
  readonly length?: number | undefined;
}

function transfer(
  opcode: number,
  fd: RawFd,
  buffer: ArrayBufferView,
  offset: number,
  options: TransferOptions | undefined,
  access: MemoryAccess,
): Entry {
  requireFd(fd);
  const length = requireBuffer(buffer);
  requireOffset(offset);
  if (options === undefined) return makeEntry(opcode, 0, fd, offset, length, 0, buffer, access);
  const flags = sqeFlagsOf(options);
  const rwFlags = rwFlagsOf(options);
  return makeEntry(opcode, flags, fd, offset, length, rwFlags, buffer, access);
}

function vectoredTransfer(
  opcode: number,
  fd: RawFd,
  vectors: readonly ArrayBufferView[],
  offset: number,
  options: TransferOptions | undefined,
  access: MemoryAccess,
): Entry {
  requireFd(fd);
  const copy = requireVectors(vectors);
  requireOffset(offset);
  const flags = options === undefined ? 0 : sqeFlagsOf(options);
  const rwFlags = options === undefined ? 0 : rwFlagsOf(options);
  return makeRareEntry({ opcode, flags, fd, off: offset, len: copy.length, opFlags: rwFlags, vectors: copy, access });
}

function rwFlagsOf(options: TransferOptions): number {
  const { rwFlags = 0 } = options;
  requireBits(rwFlags, 'options.rwFlags');
  return rwFlags;
}

/**
 * Reads into a buffer, as pread(2); with offset -1 as read(2).
 *
 * Resolves to the bytes read: fewer than the buffer holds near the end of a file and on
 * pipes, terminals and sockets; 0 at the end. Where there is nothing to read yet the promise waits, though the
 * descriptor has O_NONBLOCK. Linux 5.6; io_uring_enter(2), IORING_OP_READ.
 *
 * @param fd a descriptor, to stay open until the promise settled
 * @param buffer at most 0x7ffff000 bytes. Memory of `driver.allocate` is filled in place, any other is copied into
 * @param offset bytes from the start of the file; -1, the default, is the file position, which moves.
 * Ignored on pipes and sockets
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
 */
export function read(fd: RawFd, buffer: ArrayBufferView, offset = -1, options?: TransferOptions): Entry {
  return transfer(IORING_OP_READ, fd, buffer, offset, options, KernelWrites);
}

/**
 * Writes from a buffer, as pwrite(2); with offset -1 as write(2).
 *
 * Resolves to the bytes written, which may be fewer than the buffer holds.
 * Linux 5.6; io_uring_enter(2), IORING_OP_WRITE.
 *
 * @param fd a descriptor, to stay open until the promise settled
 * @param buffer at most 0x7ffff000 bytes. Memory of `driver.allocate` is written in place: leave it unchanged until
 * the promise settled. Any other buffer is copied when it is submitted
 * @param offset as for {@link read}; ignored for a file opened with O_APPEND
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
 */
export function write(fd: RawFd, buffer: ArrayBufferView, offset = -1, options?: TransferOptions): Entry {
  return transfer(IORING_OP_WRITE, fd, buffer, offset, options, KernelReads);
}

/**
 * Reads into several buffers in order, as preadv2(2).
 *
 * Resolves to the bytes read in all. Linux 5.1, offset -1 from 5.6; io_uring_enter(2), IORING_OP_READV.
 *
 * @param vectors 1 to 1024 buffers of at most 0x7ffff000 bytes together
 * @param offset as for {@link read}
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
 */
export function readv(fd: RawFd, vectors: readonly ArrayBufferView[], offset = -1, options?: TransferOptions): Entry {
  return vectoredTransfer(IORING_OP_READV, fd, vectors, offset, options, KernelWrites);
}

/**
 * Writes from several buffers in order, as pwritev2(2).
 *
 * Resolves to the bytes written in all. Linux 5.1, offset -1 from 5.6; io_uring_enter(2), IORING_OP_WRITEV.
 *
 * @param vectors 1 to 1024 buffers of at most 0x7ffff000 bytes together
 * @param offset as for {@link write}
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
 */
export function writev(fd: RawFd, vectors: readonly ArrayBufferView[], offset = -1, options?: TransferOptions): Entry {
  return vectoredTransfer(IORING_OP_WRITEV, fd, vectors, offset, options, KernelReads);
}

/**
 * Reads into registered memory, which spares the kernel looking up its pages.
 *
 * Resolves as {@link read}. Linux 5.1; io_uring_enter(2), IORING_OP_READ_FIXED.
 *
 * @param buffer memory of `driver.allocate`, or a part of it; the driver fills in `buf_index`. Other memory is copied
 * through the driver's own, as for {@link read}, and gains nothing
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
 */
export function readFixed(fd: RawFd, buffer: ArrayBufferView, offset = -1, options?: TransferOptions): Entry {
  return transfer(IORING_OP_READ_FIXED, fd, buffer, offset, options, KernelWrites);
}

/**
 * Writes from registered memory, which spares the kernel looking up its pages.
 *
 * Resolves as {@link write}. Linux 5.1; io_uring_enter(2), IORING_OP_WRITE_FIXED.
 *
 * @param buffer memory of `driver.allocate`, or a part of it; the driver fills in `buf_index`. Other memory is copied
 * through the driver's own, as for {@link write}, and gains nothing
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
 */
export function writeFixed(fd: RawFd, buffer: ArrayBufferView, offset = -1, options?: TransferOptions): Entry {
  return transfer(IORING_OP_WRITE_FIXED, fd, buffer, offset, options, KernelReads);
}

function fixedVectors(
  opcode: number,
  fd: RawFd,
  vectors: readonly ArrayBufferView[],
  offset: number,
  options: TransferOptions,
  access: MemoryAccess,
): Entry {
  requireFd(fd);
  const views = requireVectors(vectors);
  requireOffset(offset);
  return makeRareEntry({
    opcode,
    flags: sqeFlagsOf(options),
    fd,
    off: offset,
    len: views.length,
    opFlags: rwFlagsOf(options),
    attached: { addr: { kind: 'vectors', views, access, registered: true } },
  });
}

/**
 * Reads into several buffers of registered memory in order, which spares the kernel looking up its pages.
 *
 * Resolves as {@link readv}. Linux 6.15; io_uring_enter(2), IORING_OP_READV_FIXED.
 *
 * @param vectors 1 to 1024 buffers of memory of `driver.allocate`. Where they are not all in one piece of the driver's
 * memory, as loans of a driver are until it has grown, they are copied through such a piece
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
 */
export function readvFixed(
  fd: RawFd,
  vectors: readonly ArrayBufferView[],
  offset = -1,
  options: TransferOptions = {},
): Entry {
  return fixedVectors(IORING_OP_READV_FIXED, fd, vectors, offset, options, KernelWrites);
}

/**
 * Writes from several buffers of registered memory in order, which spares the kernel looking up its pages.
 *
 * Resolves as {@link writev}. Linux 6.15; io_uring_enter(2), IORING_OP_WRITEV_FIXED.
 *
 * @param vectors as for {@link readvFixed}
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
 */
export function writevFixed(
  fd: RawFd,
  vectors: readonly ArrayBufferView[],
  offset = -1,
  options: TransferOptions = {},
): Entry {
  return fixedVectors(IORING_OP_WRITEV_FIXED, fd, vectors, offset, options, KernelReads);
}

/**
 * Syncs a file to its device, as fsync(2). Writes still in flight are not waited for: let them settle first.
 *
 * Resolves to 0. Linux 5.1; io_uring_enter(2), IORING_OP_FSYNC.
 *
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
 */
export function fsync(fd: RawFd, options: FsyncOptions = {}): Entry {
  requireFd(fd);
  const sqeFlags = sqeFlagsOf(options);
  const { offset = 0, length = 0 } = options;
  checkInteger(offset, 'options.offset', 0, Number.MAX_SAFE_INTEGER);
  checkInteger(length, 'options.length', 0, 0xffffffff);
  // The kernel takes offset + 0 for the end of the range, not for "to the end".
  if (length === 0 && offset > 0) throw outOfRange('options.length', '> 0 where options.offset is', length);
  const flags = flag(options, 'dataSync', false) ? IORING_FSYNC_DATASYNC : 0;
  return makeEntry(IORING_OP_FSYNC, sqeFlags, fd, offset, length, flags, undefined, KernelReads);
}

/**
 * Closes a descriptor, as close(2). Operations already started on it go on. Where it rejects with EINTR the descriptor is gone
 * all the same: do not close it again.
 *
 * Resolves to 0. Linux 5.6; io_uring_enter(2), IORING_OP_CLOSE.
 *
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
 */
export function close(fd: RawFd): Entry {
  requireFd(fd);
  return makeEntry(IORING_OP_CLOSE, 0, fd, 0, 0, 0, undefined, KernelReads);
}
