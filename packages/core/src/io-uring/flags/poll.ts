/*
 * The flags of POLL_ADD and POLL_REMOVE, kept in sqe->len. See io_uring_enter(2).
 */

/** Completes at every event until it is removed. Linux 5.13. */
export const IORING_POLL_ADD_MULTI = 1 << 0;
/** Changes the events of a poll in flight. Linux 5.13. */
export const IORING_POLL_UPDATE_EVENTS = 1 << 1;
/** Changes the `user_data` of a poll in flight. Linux 5.13. */
export const IORING_POLL_UPDATE_USER_DATA = 1 << 2;
/** Level triggered: completes as long as the events hold. Linux 6.0. */
export const IORING_POLL_ADD_LEVEL = 1 << 3;
