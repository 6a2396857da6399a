/*
 * FALLOC_FL_* of `<linux/falloc.h>`, SYNC_FILE_RANGE_* and POSIX_FADV_* of `<linux/fs.h>` and `<linux/fadvise.h>`,
 * MADV_* of `<sys/mman.h>`. See fallocate(2), sync_file_range(2), posix_fadvise(2), madvise(2).
 */

/** Keeps the size of the file. Linux 2.6.23. */
export const FALLOC_FL_KEEP_SIZE = 0x01;
/** Makes a hole; needs FALLOC_FL_KEEP_SIZE. Linux 2.6.38. */
export const FALLOC_FL_PUNCH_HOLE = 0x02;
/** Takes a range out of the file. Linux 3.15. */
export const FALLOC_FL_COLLAPSE_RANGE = 0x08;
/** Makes a range zeros. Linux 3.15. */
export const FALLOC_FL_ZERO_RANGE = 0x10;
/** Puts a hole into the file. Linux 4.1. */
export const FALLOC_FL_INSERT_RANGE = 0x20;
/** Makes shared blocks the file's own. Linux 4.16. */
export const FALLOC_FL_UNSHARE_RANGE = 0x40;
/** Makes a range zeros by a command of the device. Linux 6.17. */
export const FALLOC_FL_WRITE_ZEROES = 0x80;

/** Waits for what is being written already. Linux 2.6.17. */
export const SYNC_FILE_RANGE_WAIT_BEFORE = 1 << 0;
/** Starts to write what is dirty. Linux 2.6.17. */
export const SYNC_FILE_RANGE_WRITE = 1 << 1;
/** Waits for it. Linux 2.6.17. */
export const SYNC_FILE_RANGE_WAIT_AFTER = 1 << 2;

/** No advice. Linux 2.5.60. */
export const POSIX_FADV_NORMAL = 0;
/** Reads come in no order. Linux 2.5.60. */
export const POSIX_FADV_RANDOM = 1;
/** Reads come in order. Linux 2.5.60. */
export const POSIX_FADV_SEQUENTIAL = 2;
/** Reads come soon. Linux 2.5.60. */
export const POSIX_FADV_WILLNEED = 3;
/** Reads do not come soon: what is cached may go. Linux 2.5.60. */
export const POSIX_FADV_DONTNEED = 4;
/** Reads come once. Linux 2.5.60. */
export const POSIX_FADV_NOREUSE = 5;

/** No advice. Linux 2.4. */
export const MADV_NORMAL = 0;
/** Accesses come in no order. Linux 2.4. */
export const MADV_RANDOM = 1;
/** Accesses come in order. Linux 2.4. */
export const MADV_SEQUENTIAL = 2;
/** Accesses come soon. Linux 2.4. */
export const MADV_WILLNEED = 3;
/** Large pages are welcome. Linux 2.6.38. */
export const MADV_HUGEPAGE = 14;
/** Large pages are not. Linux 2.6.38. */
export const MADV_NOHUGEPAGE = 15;
/** Leaves it out of core dumps. Linux 3.4. */
export const MADV_DONTDUMP = 16;
/** Undoes MADV_DONTDUMP. Linux 3.4. */
export const MADV_DODUMP = 17;
/** May be swapped out first. Linux 5.4. */
export const MADV_COLD = 20;
/** Is swapped out now. Linux 5.4. */
export const MADV_PAGEOUT = 21;
/** Makes pages present for reading. Linux 5.14. */
export const MADV_POPULATE_READ = 22;
/** Makes pages present for writing. Linux 5.14. */
export const MADV_POPULATE_WRITE = 23;
/** Makes large pages now. Linux 6.1. */
export const MADV_COLLAPSE = 25;
