import { after, type Instant, now, Pending, type PollTimer, type TimerSet } from '@polyring/core';

/**
 * A time after which submissions are cancelled: one of the driver's timers.
 *
 * It is no LINK_TIMEOUT, as the kernel does not start that for what its workers do (Linux 6.18).
 */
export class TimeLimit {
  readonly milliseconds: number;
  readonly #timer: PollTimer;
  readonly #deadline: Instant;
  #expired = false;

  /**
   * @param passed runs in the drain when the time has passed, unless {@link end} came first; not for a time that has passed
   * already, which {@link expired} tells
   * @throws ERR_POLYRING_CLOSED, ERR_POLYRING_RING_FAILED
   */
  constructor(timers: Pick<TimerSet, 'newTimer'>, milliseconds: number, passed: () => void) {
    this.milliseconds = milliseconds;
    this.#deadline = after(milliseconds);
    this.#timer = timers.newTimer();
    const woken = (): void => {
      // The end of the driver wakes too, and before the time.
      this.#expired = now() >= this.#deadline;
      if (this.#expired) passed();
    };
    this.#expired = this.#timer.pollTimer(woken, this.#deadline) !== Pending;
  }

  /** Whether the time has passed. */
  get expired(): boolean {
    return this.#expired;
  }

  /** What it is for is over, or was never queued. */
  end(): void {
    this.#timer[Symbol.dispose]();
  }
}
