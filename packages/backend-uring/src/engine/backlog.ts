import type { Operation } from './operation.js';

const COMPACT_AFTER = 1024;

/** Operations that found the SQ full, first in, first out. Its only limit is memory. */
export class Backlog {
  #items: Operation[] = [];
  #head = 0;

  get empty(): boolean {
    return this.#head === this.#items.length;
  }

  /** The operation that is taken next. */
  get first(): Operation | undefined {
    return this.#items[this.#head];
  }

  add(operation: Operation): void {
    this.#items.push(operation);
  }

  /** Takes one out of the middle. Whether it was there. */
  remove(operation: Operation): boolean {
    const index = this.#items.indexOf(operation, this.#head);
    if (index < 0) return false;
    this.#items.splice(index, 1);
    return true;
  }

  take(): Operation | undefined {
    const operation = this.#items[this.#head];
    if (operation === undefined) return undefined;
    this.#head += 1;
    if (this.#head === this.#items.length) {
      this.#items = [];
      this.#head = 0;
    } else if (this.#head >= COMPACT_AFTER && this.#head * 2 >= this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return operation;
  }
}
