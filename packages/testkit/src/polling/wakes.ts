import assert from 'node:assert/strict';
import type { Waker } from '@polyring/core';

/** A waker that counts its calls and lets a rule wait for the next one. */
export class Wakes {
  #count = 0;
  #waiting: (() => void)[] = [];

  /** The waker to give to a poll. */
  readonly waker: Waker = (...told: unknown[]) => {
    assert.deepEqual(told, [], 'a waker was told more than that it is to poll again');
    this.#count += 1;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resume of waiting) resume();
  };

  /** How often the waker was called. */
  get count(): number {
    return this.#count;
  }

  /** Resolves once the waker was called more than `count` times. */
  async beyond(count: number): Promise<void> {
    while (this.#count <= count) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }
}
