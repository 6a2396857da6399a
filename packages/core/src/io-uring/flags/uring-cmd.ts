/*
 * URING_CMD: sqe->uring_cmd_flags and the commands of sockets. See io_uring_enter(2).
 */

/** The memory is a registered buffer. Linux 6.0. */
export const IORING_URING_CMD_FIXED = 1 << 0;
/** Completes again and again. Linux 6.18. */
export const IORING_URING_CMD_MULTISHOT = 1 << 1;

/** The result is how many bytes can be received. Linux 6.7. */
export const SOCKET_URING_OP_SIOCINQ = 0;
/** The result is how many bytes were not sent, or not acknowledged. Linux 6.7. */
export const SOCKET_URING_OP_SIOCOUTQ = 1;
/** getsockopt(2). Linux 6.7. */
export const SOCKET_URING_OP_GETSOCKOPT = 2;
/** setsockopt(2). Linux 6.7. */
export const SOCKET_URING_OP_SETSOCKOPT = 3;
/** Timestamps of what was sent. Linux 6.17. */
export const SOCKET_URING_OP_TX_TIMESTAMP = 4;
