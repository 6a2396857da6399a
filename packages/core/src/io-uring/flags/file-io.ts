/*
 * The flags of reads, writes and syncs.
 * RWF_* of `<linux/fs.h>`, sqe->rw_flags: see preadv2(2). IORING_FSYNC_*: see io_uring_enter(2).
 */

/** High priority: polls the device. Needs a ring set up for it. Linux 4.6. */
export const RWF_HIPRI = 0x00000001;
/** This write is as with O_DSYNC. Linux 4.7. */
export const RWF_DSYNC = 0x00000002;
/** This write is as with O_SYNC. Linux 4.7. */
export const RWF_SYNC = 0x00000004;
/** Fails with EAGAIN rather than blocking. Linux 4.14. */
export const RWF_NOWAIT = 0x00000008;
/** This write goes to the end of the file. Linux 4.16. */
export const RWF_APPEND = 0x00000010;
/** This write keeps to its offset, though the file was opened with O_APPEND. Linux 6.9. */
export const RWF_NOAPPEND = 0x00000020;
/** This write is torn by no power failure. Linux 6.11. */
export const RWF_ATOMIC = 0x00000040;
/** Drops what was cached of the file for this transfer. Linux 6.14. */
export const RWF_DONTCACHE = 0x00000080;
/** This write raises no SIGPIPE. Linux 6.18. */
export const RWF_NOSIGNAL = 0x00000100;

/** Syncs the data, and of the metadata what reading the data needs: fdatasync(2). sqe->fsync_flags. Linux 5.1. */
export const IORING_FSYNC_DATASYNC = 1 << 0;
