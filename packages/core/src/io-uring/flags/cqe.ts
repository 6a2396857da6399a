/*
 * cqe->flags of `<linux/io_uring.h>`: what a completion says besides its result. See io_uring_enter(2).
 */

/** The upper 16 bits are the id of the buffer that was selected. Linux 5.7. */
export const IORING_CQE_F_BUFFER = 1 << 0;
/** More completions of the same entry follow. Linux 5.13. */
export const IORING_CQE_F_MORE = 1 << 1;
/** There is more to read after a receive. Linux 5.19. */
export const IORING_CQE_F_SOCK_NONEMPTY = 1 << 2;
/** Says that the kernel let go of the memory of a send without a copy. Linux 6.0. */
export const IORING_CQE_F_NOTIF = 1 << 3;
/** The selected buffer was used in part, and is used further. Linux 6.12. */
export const IORING_CQE_F_BUF_MORE = 1 << 4;
/** Fills a gap of the queue; to be passed over. Linux 6.18. */
export const IORING_CQE_F_SKIP = 1 << 5;
/** Has 32 bytes, in a queue of mixed sizes. Linux 6.18. */
export const IORING_CQE_F_32 = 1 << 15;
/** How far the id of a selected buffer is shifted. Linux 5.7. */
export const IORING_CQE_BUFFER_SHIFT = 16;
