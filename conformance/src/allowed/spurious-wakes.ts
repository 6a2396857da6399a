import { Pending, type Poll, type Waker } from '@polyring/core';
import type { Change } from '../seams/change.js';
import { inDrivers } from '../seams/parts.js';
import { type GoBetween, goBetweensIn } from './go-betweens.js';

/** Wakes a waiter once more than it has to be, as long as its waker is the latest. */
class Again implements GoBetween {
  #latest = 0;

  /** Polls with a waker that is called a second time in the same place, and once for nothing a while later. */
  poll<T>(waker: Waker, poll: (waker: Waker) => Poll<T>): Poll<T> {
    this.#latest += 1;
    const own = this.#latest;
    const again = (): void => {
      if (own === this.#latest) waker();
    };
    const answer = poll(() => {
      waker();
      again();
    });
    // Not after each poll: who polls when it is woken would be woken without an end.
    if (answer === Pending && own % 2 === 1) setTimeout(again, 1).unref();
    return answer;
  }

  /** Says that the waker of the last poll is not the latest any more. */
  end(): void {
    this.#latest += 1;
  }
}

/** Every waiter is woken twice for each event, at the close as well, and once a while after it began to wait. */
export const spuriousWakes: Change = inDrivers((driver) => goBetweensIn(driver, () => new Again()));
