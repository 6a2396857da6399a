import type { Poll, Waker } from '../values/poll.js';
import type { RawFd } from '../values/raw-fd.js';
import type { Referenced } from './reference.js';

/** The largest `readSize` of a wait: that of an eventfd's or a timerfd's counter. */
export const MAXIMUM_WAIT_READ_SIZE = 8;

/**
 * A wait that consumes: it is over when one read of the given size succeeded, so no
 * second waiter sees the same signal.
 */
export interface PollWait extends Disposable, Referenced {
  /**
   * What the last wait read, a short one as well: its bytes as one unsigned integer of the machine's byte order. 0n before
   * and at the end of the stream.
   */
  readonly value: bigint;

  /**
   * Asks whether a signal has been consumed, and starts the read if none is under way.
   *
   * @param waker called when it may; it replaces the earlier one
   * @returns nothing, once one read of `readSize` bytes succeeded; the next poll starts the next wait
   * @throws the read's system error; ERR_POLYRING_SHORT_READ for fewer bytes and at the end of the stream;
   * ERR_POLYRING_DISPOSED; ERR_POLYRING_CLOSED; ERR_INVALID_ARG_TYPE
   */
  pollWait(waker: Waker): Poll<undefined>;

  /**
   * Ends a wait that is under way. Poll until it is ready; then the wait is over.
   *
   * @returns true if a signal was consumed (see {@link value}), false if none was: it is still readable.
   * False at once where no wait is under way, so a second cancel is false
   * @throws ERR_POLYRING_DISPOSED; ERR_POLYRING_CLOSED; ERR_INVALID_ARG_TYPE
   */
  pollCancelWait(waker: Waker): Poll<boolean>;
}

/** The part of a driver that makes consuming waits. */
export interface WaitDriver {
  /**
   * @param fd a non-blocking descriptor, such as an eventfd, a timerfd or a pipe; it stays the caller's
   * @param readSize bytes to read, from 1 to {@link MAXIMUM_WAIT_READ_SIZE}. 8 for an eventfd and a timerfd
   * @throws ERR_OUT_OF_RANGE for another size and for what can be no descriptor; EBADF; EPERM if the kernel cannot poll
   * it; EMFILE, ENFILE, ELOOP as for readiness; ERR_POLYRING_BLOCKING_FD if it lacks O_NONBLOCK; ERR_POLYRING_CLOSED;
   * ERR_INVALID_ARG_TYPE
   */
  newWait(fd: RawFd, readSize: number): PollWait;
}
