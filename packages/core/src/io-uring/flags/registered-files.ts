/*
 * The flags of FIXED_FD_INSTALL. See io_uring_enter(2).
 */

/** The descriptor is not close-on-exec. Linux 6.8. */
export const IORING_FIXED_FD_NO_CLOEXEC = 1 << 0;
