/*
 * SPLICE_F_* of `<fcntl.h>` and `<linux/io_uring.h>`. See splice(2).
 */

/** Moves pages rather than copying them, where possible. Linux 2.6.17. */
export const SPLICE_F_MOVE = 1;
/** Does not block on the pipe. Linux 2.6.17. */
export const SPLICE_F_NONBLOCK = 2;
/** More follows. Linux 2.6.17. */
export const SPLICE_F_MORE = 4;
/** The input is the number of a registered file; an unsigned number. Linux 5.7. */
export const SPLICE_F_FD_IN_FIXED = 0x80000000;
