import { after, type Driver, Pending, type PollTimer } from '@polyring/core';

/**
 * Says once that a time has passed, unless it is disposed of before. It does not keep the process alive: what is
 * limited does.
 */
export class TimeLimit implements Disposable {
  readonly #timer: PollTimer;
  readonly #passed: () => void;
  #disposed = false;

  constructor(driver: Driver, milliseconds: number, passed: () => void) {
    this.#passed = passed;
    this.#timer = driver.newDynTimer().unref();
    // Never at once: the caller is not ready to be told yet.
    if (this.#timer.pollTimer(this.#wake, after(milliseconds)) !== Pending) queueMicrotask(this.#wake);
  }

  [Symbol.dispose](): void {
    this.#disposed = true;
    this.#timer[Symbol.dispose]();
  }

  readonly #wake = (): void => {
    if (this.#disposed) return;
    try {
      if (this.#timer.pollTimer(this.#wake) === Pending) return;
    } catch {
      // The driver was closed, which ends what is limited as well.
      return;
    }
    this[Symbol.dispose]();
    this.#passed();
  };
}
