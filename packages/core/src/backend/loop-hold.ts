/** Something that keeps the event loop alive for as long as it is held at least once. */
export interface LoopHold {
  /** Adds a reason to stay alive. */
  hold(): void;
  /** Takes one reason away. */
  release(): void;
}

/** A driver's own switch between the work of its objects and the loop: `ref()` and `unref()` of the driver. */
export class DriverHold implements LoopHold {
  readonly #loop: LoopHold;
  #reasons = 0;
  #referenced = true;

  constructor(loop: LoopHold) {
    this.#loop = loop;
  }

  hold(): void {
    this.#reasons += 1;
    if (this.#reasons === 1 && this.#referenced) this.#loop.hold();
  }

  release(): void {
    this.#reasons -= 1;
    if (this.#reasons === 0 && this.#referenced) this.#loop.release();
  }

  ref(): void {
    if (this.#referenced) return;
    this.#referenced = true;
    if (this.#reasons > 0) this.#loop.hold();
  }

  unref(): void {
    if (!this.#referenced) return;
    this.#referenced = false;
    if (this.#reasons > 0) this.#loop.release();
  }

  hasRef(): boolean {
    return this.#referenced;
  }
}
