/**
 * Runs of spans in powers of two. A freed run joins its free neighbour again.
 *
 * Powers of two are shifts here: the engine takes the result of `**` for a fraction, and then all that is reckoned from it.
 */
export class BuddyAllocator {
  readonly #free: Set<number>[];

  /** @param count spans in all, a power of two */
  constructor(count: number) {
    const orders = Math.log2(count) + 1;
    this.#free = Array.from({ length: orders }, () => new Set<number>());
    (this.#free[orders - 1] as Set<number>).add(0);
  }

  /** Takes a run of `2 ** order` spans: its first span, or undefined. */
  take(order: number): number | undefined {
    for (let larger = order; larger < this.#free.length; larger += 1) {
      const [first] = this.#free[larger] as Set<number>;
      if (first === undefined) continue;
      (this.#free[larger] as Set<number>).delete(first);
      while (larger > order) {
        larger -= 1;
        (this.#free[larger] as Set<number>).add(first + (1 << larger));
      }
      return first;
    }
    return undefined;
  }

  /** Gives a run back. */
  give(first: number, order: number): void {
    let start = first;
    let size = order;
    for (; size < this.#free.length - 1; size += 1) {
      const buddy = start ^ (1 << size);
      if (!(this.#free[size] as Set<number>).delete(buddy)) break;
      start = Math.min(start, buddy);
    }
    (this.#free[size] as Set<number>).add(start);
  }
}
