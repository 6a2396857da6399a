import { PollEvents } from '@polyring/core';
import type { Conditions, Content, Taking } from './content.js';

const { IN, OUT } = PollEvents;

/** The counter of an eventfd (eventfd(2)). */
export class Counter implements Content<Counter> {
  readonly #count: bigint;
  readonly #semaphore: boolean;

  /** @param semaphore whether a read takes 1 instead of everything */
  constructor(semaphore: boolean, count = 0n) {
    this.#semaphore = semaphore;
    this.#count = count;
  }

  get key(): string {
    return String(this.#count);
  }

  /** The counter after a signal. */
  plus(count: bigint): Counter {
    return new Counter(this.#semaphore, this.#count + count);
  }

  conditions(): Conditions {
    const events = this.#count > 0n ? IN | OUT : OUT;
    return { certain: events, possible: events };
  }

  read(): Taking<Counter> | undefined {
    if (this.#count === 0n) return undefined;
    const value = this.#semaphore ? 1n : this.#count;
    return {
      taken: new Uint8Array(BigUint64Array.of(value).buffer),
      rest: new Counter(this.#semaphore, this.#count - value),
    };
  }

  toString(): string {
    return `the counter is ${this.#count}`;
  }
}
