import type { Referenced } from '../contract/reference.js';
import type { LoopHold } from './loop-hold.js';

/** Work is in flight. */
const ACTIVE = 1;
/** The object does not keep the process alive. */
const UNREFERENCED = 2;
/** The object was disposed of. */
const DISPOSED = 4;

/**
 * The work in flight of one object, with the object's own `ref()` and `unref()`: a base for the object's class.
 *
 * There may be tens of thousands of such objects, so what they have in common is two words.
 */
export class Activity implements Referenced {
  readonly #hold: LoopHold;
  #state = 0;

  constructor(hold: LoopHold) {
    this.#hold = hold;
  }

  /** Says whether work is in flight. Saying the same twice is no error. */
  set active(active: boolean) {
    Activity.#become(this, active ? this.#state | ACTIVE : this.#state & ~ACTIVE);
  }

  ref(): this {
    Activity.#become(this, this.#state & ~UNREFERENCED);
    return this;
  }

  unref(): this {
    Activity.#become(this, this.#state | UNREFERENCED);
    return this;
  }

  hasRef(): boolean {
    return (this.#state & UNREFERENCED) === 0;
  }

  /** Whether the object was disposed of. */
  get disposed(): boolean {
    return (this.#state & DISPOSED) !== 0;
  }

  /** Says that the object was disposed of. False if it was before. */
  protected end(): boolean {
    if (this.disposed) return false;
    this.#state |= DISPOSED;
    return true;
  }

  /** Static, as a private method would cost each object a word more. */
  static #become(activity: Activity, state: number): void {
    const before = activity.#state & (ACTIVE | UNREFERENCED);
    const after = state & (ACTIVE | UNREFERENCED);
    if (after === before) return;
    activity.#state = state;
    if (after === ACTIVE) activity.#hold.hold();
    else if (before === ACTIVE) activity.#hold.release();
  }
}
