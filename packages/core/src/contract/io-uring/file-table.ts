import type { RawFd } from '../../values/raw-fd.js';

/** How large a table of registered files is. */
export interface FileTableOptions {
  /** Slots that {@link FileTable.add} fills, up to 32,768. 256 by default. */
  readonly slots?: number | undefined;
  /**
   * Slots that the kernel fills, for operations with `direct: 'alloc'`, up to 32,768. They stand behind the others.
   * Linux 6.0. 0 by default: such operations then fail with ENFILE.
   */
  readonly directSlots?: number | undefined;
}

/**
 * The registered files of a ring: operations with `fixedFile: true` name a slot instead of a descriptor, and the kernel
 * need not look the file up each time. A ring has one table, which ends with it.
 *
 * The table holds files open. What is closed by its descriptor stays open here until it is removed.
 */
export interface FileTable {
  readonly slots: number;
  readonly directSlots: number;
  /**
   * Registers a file. The descriptor stays the caller's and may be closed.
   *
   * @returns its slot
   * @throws EBADF; ENFILE without a free slot; ERR_POLYRING_CLOSED; ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
   */
  add(fd: RawFd): number;
  /**
   * Removes a file, one that the kernel put there included. Operations in flight on it go on. Removing twice is no error.
   *
   * @throws ERR_POLYRING_CLOSED; ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
   */
  remove(slot: number): void;
}
