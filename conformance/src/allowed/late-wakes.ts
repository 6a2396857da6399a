import { Pending, type Poll, type Waker, WakerCell } from '@polyring/core';
import type { Change } from '../seams/change.js';
import { inDrivers } from '../seams/parts.js';
import { type GoBetween, goBetweensIn } from './go-betweens.js';

/** Milliseconds. */
const LATE = 5;

/** The wakes of one driver, all of which wait until the first of them is late enough. */
class LateWakes {
  #due: Late[] = [];
  #timer: NodeJS.Timeout | undefined;

  add(late: Late): void {
    this.#due.push(late);
    this.#timer ??= setTimeout(() => this.tell(), LATE);
  }

  /** Wakes all who are due, in the order in which they were. */
  tell(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const due = this.#due;
    this.#due = [];
    for (const late of due) late.tell();
  }
}

/** Is woken later than its object says. */
class Late implements GoBetween {
  readonly #wakes: LateWakes;
  readonly #waker = new WakerCell();
  /** Whether the object has woken it since the last poll. */
  #isDue = false;

  constructor(wakes: LateWakes) {
    this.#wakes = wakes;
  }

  poll<T>(waker: Waker, poll: (waker: Waker) => Poll<T>): Poll<T> {
    const answer = poll(this.#becomeDue);
    this.end();
    if (answer === Pending) this.#waker.set(waker);
    return answer;
  }

  tell(): void {
    if (this.#isDue) this.#waker.wake();
  }

  end(): void {
    this.#waker.clear();
    this.#isDue = false;
  }

  readonly #becomeDue = (): void => {
    this.#isDue = true;
    this.#wakes.add(this);
  };
}

/** All wakes of a driver come late, together and in their order. Those of a close come before it resolves. */
export const lateWakes: Change = inDrivers((driver) => {
  const wakes = new LateWakes();
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closing ??= driver.close().then(() => wakes.tell());
    return closing;
  };
  return { ...goBetweensIn(driver, () => new Late(wakes)), close, [Symbol.asyncDispose]: close };
});
