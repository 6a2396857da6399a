/*
 * sqe->cancel_flags of ASYNC_CANCEL. See io_uring_enter(2).
 */

/** Cancels every operation that matches, rather than the first; the result is their number. Linux 5.19. */
export const IORING_ASYNC_CANCEL_ALL = 1 << 0;
/** Matches by descriptor. Linux 5.19. */
export const IORING_ASYNC_CANCEL_FD = 1 << 1;
/** Matches every operation of the ring. Linux 5.19. */
export const IORING_ASYNC_CANCEL_ANY = 1 << 2;
/** The descriptor is an index into the registered files. Linux 6.0. */
export const IORING_ASYNC_CANCEL_FD_FIXED = 1 << 3;
/** Matches by `user_data`, beside other keys. Linux 6.6. */
export const IORING_ASYNC_CANCEL_USERDATA = 1 << 4;
/** Matches by opcode. Linux 6.6. */
export const IORING_ASYNC_CANCEL_OP = 1 << 5;
