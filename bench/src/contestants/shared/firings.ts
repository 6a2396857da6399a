/** Counts which of many timers have fired, and those that fired early or again. */
export class Firings {
  wrong = 0;
  /** By timer, whether it has fired. */
  readonly #fired: Uint8Array;
  #left: number;

  constructor(count: number) {
    this.#fired = new Uint8Array(count);
    this.#left = count;
  }

  /** @param due as `performance.now()` has it */
  fired(timer: number, due: number): void {
    // setTimeout may fire within the millisecond before.
    if (performance.now() < due - 1) this.wrong += 1;
    if (this.#fired[timer] === 1) {
      this.wrong += 1;
      return;
    }
    this.#fired[timer] = 1;
    this.#left -= 1;
  }

  /** Whether every timer has fired. */
  get isComplete(): boolean {
    return this.#left === 0;
  }
}
