import { Pending, type Poll, type Waker, WakerCell } from '@polyring/core';
import type { Change } from '../seams/change.js';
import { inDrivers } from '../seams/parts.js';
import { type GoBetween, goBetweensIn } from './go-betweens.js';

/** Wakes a waiter for nothing in the loop's turn after it began to wait. That wake takes the waker, as any other does. */
class Startled implements GoBetween {
  readonly #waker = new WakerCell();
  /** Whether the last poll was pending. */
  #isWaiting = false;
  #startle: NodeJS.Immediate | undefined;

  poll<T>(waker: Waker, poll: (waker: Waker) => Poll<T>): Poll<T> {
    const answer = poll(this.#wake);
    const wasWaiting = this.#isWaiting;
    this.end();
    if (answer !== Pending) return answer;
    this.#isWaiting = true;
    this.#waker.set(waker);
    // Once only: who polls when it is woken would be woken without an end.
    if (!wasWaiting) this.#startle = setImmediate(this.#wake);
    return answer;
  }

  end(): void {
    this.#isWaiting = false;
    this.#waker.clear();
    clearImmediate(this.#startle);
  }

  readonly #wake = (): void => this.#waker.wake();
}

/** Every waiter is woken for nothing soon after it began to wait. If it does not poll again, no event wakes it any more. */
export const takenWakers: Change = inDrivers((driver) => goBetweensIn(driver, () => new Startled()));
