import type { Referenced } from '../contract/reference.js';

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

/** The work in flight of one object, with the object's own `ref()` and `unref()`: a base for the object's class. */
export class Activity implements Referenced {
  readonly #hold: LoopHold;
  #active = false;
  #referenced = true;

  constructor(hold: LoopHold) {
    this.#hold = hold;
  }

  /** Says whether work is in flight. Saying the same twice is no error. */
  set active(active: boolean) {
    if (active === this.#active) return;
    this.#active = active;
    if (this.#referenced) this.#settle(active);
  }

  ref(): this {
    if (this.#referenced) return this;
    this.#referenced = true;
    if (this.#active) this.#settle(true);
    return this;
  }

  unref(): this {
    if (!this.#referenced) return this;
    this.#referenced = false;
    if (this.#active) this.#settle(false);
    return this;
  }

  hasRef(): boolean {
    return this.#referenced;
  }

  #settle(active: boolean): void {
    if (active) this.#hold.hold();
    else this.#hold.release();
  }
}
