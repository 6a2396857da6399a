/*
 * sqe->flags of `<linux/io_uring.h>`: how any operation is treated. See io_uring_enter(2).
 */

/** `fd` is an index into the registered files. Linux 5.1. */
export const IOSQE_FIXED_FILE = 1 << 0;
/** Starts after everything submitted before it completed. Linux 5.2. */
export const IOSQE_IO_DRAIN = 1 << 1;
/** The next entry starts when this one completed; a failure or a short transfer cancels it. Linux 5.3. */
export const IOSQE_IO_LINK = 1 << 2;
/** As IOSQE_IO_LINK, but a failure does not cancel the next entry. Linux 5.5. */
export const IOSQE_IO_HARDLINK = 1 << 3;
/** Goes to a worker thread at once, without an attempt that does not block. Linux 5.6. */
export const IOSQE_ASYNC = 1 << 4;
/** The kernel selects a buffer of the group `buf_group`. Linux 5.7. */
export const IOSQE_BUFFER_SELECT = 1 << 5;
/** A success posts no completion. Linux 5.17. */
export const IOSQE_CQE_SKIP_SUCCESS = 1 << 6;
