import type { Instant } from '../values/instant.js';
import type { Poll, Waker } from '../values/poll.js';
import type { Referenced } from './reference.js';

/** A timer that is polled. It is never early. */
export interface PollTimer extends Disposable, Referenced {
  /**
   * Asks whether the deadline has passed.
   *
   * @param waker called when the deadline passes, if the answer is `Pending`
   * @param deadline set before asking, as by {@link setDeadline}
   * @returns the current time once the deadline has passed. With no deadline ever set: at once
   * @throws ERR_POLYRING_DISPOSED after disposal; ERR_POLYRING_CLOSED after the driver closed; ERR_INVALID_ARG_TYPE for a
   * waker that is no function, and for a deadline that is not a number, or is NaN
   */
  pollTimer(waker: Waker, deadline?: Instant): Poll<Instant>;

  /**
   * Moves the deadline, nearer or further. A pending poll follows it.
   *
   * @throws ERR_POLYRING_DISPOSED after disposal; ERR_POLYRING_CLOSED after the driver closed; ERR_INVALID_ARG_TYPE for what
   * is not a number, or is NaN
   */
  setDeadline(deadline: Instant): void;
}

/** The part of a driver that makes timers. */
export interface TimerDriver {
  /**
   * Makes a timer with no deadline.
   *
   * @throws ERR_POLYRING_CLOSED
   */
  newTimer(): PollTimer;
}
