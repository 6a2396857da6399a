/*
 * The flags of FIXED_FD_INSTALL, and what stands for a slot. See io_uring_enter(2).
 */

/** The descriptor is not close-on-exec. Linux 6.8. */
export const IORING_FIXED_FD_NO_CLOEXEC = 1 << 0;

/** Any free slot, in place of one that is named. Linux 5.19. */
export const IORING_FILE_INDEX_ALLOC = 0xffffffff;
