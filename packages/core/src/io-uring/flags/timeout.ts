/*
 * sqe->timeout_flags of TIMEOUT, TIMEOUT_REMOVE and LINK_TIMEOUT. See io_uring_enter(2).
 */

/** The time is a point in time rather than a duration. Linux 5.5. */
export const IORING_TIMEOUT_ABS = 1 << 0;
/** TIMEOUT_REMOVE changes the timeout instead. Linux 5.11. */
export const IORING_TIMEOUT_UPDATE = 1 << 1;
/** Counts on CLOCK_BOOTTIME, which includes suspension. Linux 5.15. */
export const IORING_TIMEOUT_BOOTTIME = 1 << 2;
/** Counts on CLOCK_REALTIME. Linux 5.15. */
export const IORING_TIMEOUT_REALTIME = 1 << 3;
/** TIMEOUT_REMOVE changes a LINK_TIMEOUT instead. Linux 5.15. */
export const IORING_LINK_TIMEOUT_UPDATE = 1 << 4;
/** Expiry does not break a chain of linked entries. The result is -ETIME all the same. Linux 5.16. */
export const IORING_TIMEOUT_ETIME_SUCCESS = 1 << 5;
/** Completes again and again. Linux 6.4. */
export const IORING_TIMEOUT_MULTISHOT = 1 << 6;
