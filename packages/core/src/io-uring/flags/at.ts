/*
 * AT_* of `<fcntl.h>` and STATX_* of `<linux/stat.h>`: the flags of operations on paths. See openat(2), statx(2).
 */

/** In a directory's place: the current directory. Linux 2.6.16. */
export const AT_FDCWD = -100;
/** Does not follow a symbolic link. Linux 2.6.16. */
export const AT_SYMLINK_NOFOLLOW = 0x100;
/** UNLINKAT removes a directory. Linux 2.6.16. */
export const AT_REMOVEDIR = 0x200;
/** LINKAT follows a symbolic link. Linux 2.6.18. */
export const AT_SYMLINK_FOLLOW = 0x400;
/** Does not mount what is mounted on demand. Linux 2.6.38. */
export const AT_NO_AUTOMOUNT = 0x800;
/** An empty path is the descriptor itself. Linux 2.6.39. */
export const AT_EMPTY_PATH = 0x1000;
/** STATX asks the server of a file system. Linux 4.11. */
export const AT_STATX_FORCE_SYNC = 0x2000;
/** STATX is content with what is cached. Linux 4.11. */
export const AT_STATX_DONT_SYNC = 0x4000;

/** RENAMEAT refuses to replace a file (renameat2(2)). Linux 3.15. */
export const RENAME_NOREPLACE = 1 << 0;
/** RENAMEAT exchanges two files. Linux 3.15. */
export const RENAME_EXCHANGE = 1 << 1;
/** RENAMEAT leaves a whiteout. Linux 3.18. */
export const RENAME_WHITEOUT = 1 << 2;

/** What stat(2) gives. Linux 4.11. */
export const STATX_BASIC_STATS = 0x7ff;
/** The time of creation. Linux 4.11. */
export const STATX_BTIME = 0x800;
/** The number of the mount. Linux 5.8. */
export const STATX_MNT_ID = 0x1000;
/** What direct I/O has to be aligned to. Linux 6.1. */
export const STATX_DIOALIGN = 0x2000;
/** The number of the mount that is never used again. Linux 6.8. */
export const STATX_MNT_ID_UNIQUE = 0x4000;
/** The subvolume. Linux 6.10. */
export const STATX_SUBVOL = 0x8000;
/** The sizes of atomic writes. Linux 6.11. */
export const STATX_WRITE_ATOMIC = 0x10000;
/** What direct reads have to be aligned to. Linux 6.14. */
export const STATX_DIO_READ_ALIGN = 0x20000;
