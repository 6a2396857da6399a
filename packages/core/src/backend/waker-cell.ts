import { invalidArgType } from '../errors/argument-error.js';
import { throwUncaught } from '../errors/throw-uncaught.js';
import type { Waker } from '../values/poll.js';

/**
 * Holds the latest waker of one waiter.
 *
 * A drain wakes cells, never functions taken earlier: a waker that was replaced or
 * withdrawn by an earlier waker of the same batch is then not called.
 */
export class WakerCell {
  #waker: Waker | undefined;

  /** Whether somebody waits. */
  get waiting(): boolean {
    return this.#waker !== undefined;
  }

  /** The waker of whoever waits. */
  get waker(): Waker | undefined {
    return this.#waker;
  }

  /**
   * Replaces the waker.
   *
   * @throws ERR_INVALID_ARG_TYPE
   */
  set(waker: Waker): void {
    checkWaker(waker);
    this.#waker = waker;
  }

  /** Withdraws the waker. */
  clear(): void {
    this.#waker = undefined;
  }

  /** Takes the waker and calls it. To be called by a driver's drain only. */
  wake(): void {
    const waker = this.#waker;
    if (waker === undefined) return;
    this.#waker = undefined;
    callWaker(waker);
  }
}

/** Throws unless `waker` can be called. */
export function checkWaker(waker: unknown): void {
  if (typeof waker !== 'function') throw invalidArgType('waker', 'of type function', waker);
}

/** Calls a waker in a drain. What it throws reaches `uncaughtException`, and the drain goes on. */
export function callWaker(waker: Waker): void {
  try {
    waker();
  } catch (error) {
    throwUncaught(error);
  }
}
