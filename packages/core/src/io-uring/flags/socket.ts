/*
 * The flags of sends, receives and accepts, kept in sqe->ioprio. See io_uring_enter(2).
 */

/** Polls first, without an attempt. Linux 5.19. */
export const IORING_RECVSEND_POLL_FIRST = 1 << 0;
/** Receives again and again into selected buffers. Linux 6.0. */
export const IORING_RECV_MULTISHOT = 1 << 1;
/** The memory is a registered buffer. For sends without a copy. Linux 6.0. */
export const IORING_RECVSEND_FIXED_BUF = 1 << 2;
/** The notification of a send without a copy says whether the kernel copied after all. Linux 6.2. */
export const IORING_SEND_ZC_REPORT_USAGE = 1 << 3;
/** One operation uses several selected buffers. Linux 6.10. */
export const IORING_RECVSEND_BUNDLE = 1 << 4;
/** A send's address is that of an iovec array. Linux 6.17. */
export const IORING_SEND_VECTORIZED = 1 << 5;
/** The bit of a notification's result that says that the kernel copied; an unsigned number. Linux 6.2. */
export const IORING_NOTIF_USAGE_ZC_COPIED = 0x80000000;

/** Accepts again and again. Linux 5.19. */
export const IORING_ACCEPT_MULTISHOT = 1 << 0;
/** Fails with EAGAIN where no connection waits. Linux 6.10. */
export const IORING_ACCEPT_DONTWAIT = 1 << 1;
/** Polls first, without an attempt. Linux 6.10. */
export const IORING_ACCEPT_POLL_FIRST = 1 << 2;
