import { type Driver, PolledTimer } from '@polyring/core';
import { FIRST_PAUSE, longerPause } from './pauses.js';

/** So many in a row may be races that others have won, or a peer that was about to make room. */
const TOLERATED = 8;

/**
 * How often in a row a descriptor was reported ready and an attempt found otherwise. The kernel does so for as long as a
 * state lasts that an attempt does not change: the full queue of a receiver that the sender is not connected to (unix(7)),
 * or what is in the error queue. Then there is a pause before the next poll.
 */
export class FalseAlarms {
  #count = 0;
  #pause = FIRST_PAUSE;
  #timer: PolledTimer | undefined;

  /** Whether the next poll has to wait. */
  get pausing(): boolean {
    return this.#timer !== undefined;
  }

  /**
   * There was another one.
   *
   * @param referenced whether a pause keeps the process alive
   * @param over called when the pause is over, if there has to be one
   * @throws ERR_POLYRING_CLOSED
   */
  add(driver: Driver, referenced: boolean, over: () => void): void {
    this.#count += 1;
    if (this.#count < TOLERATED) return;
    const timer = new PolledTimer(driver);
    if (!referenced) timer.unref();
    this.#timer = timer;
    const goOn = (): void => {
      this.#timer = undefined;
      timer[Symbol.dispose]();
      over();
    };
    // The end of the driver is told by the poll that comes next.
    timer.sleep(this.#pause).then(goOn, goOn);
    this.#pause = longerPause(this.#pause);
  }

  /** Has a pause keep the process alive. */
  ref(): void {
    this.#timer?.ref();
  }

  /** An attempt has found something. */
  reset(): void {
    this.#count = 0;
    this.#pause = FIRST_PAUSE;
  }
}
