/*
 * sqe->msg_ring_flags of MSG_RING. See io_uring_enter(2).
 */

/** Posts no completion to the other ring, only what goes with it. Linux 6.0. */
export const IORING_MSG_RING_CQE_SKIP = 1 << 0;
/** The completion in the other ring has the flags that sqe->file_index holds. Linux 6.3. */
export const IORING_MSG_RING_FLAGS_PASS = 1 << 1;
