import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** Reproducible chance: the same seed takes the same turns. */
export class Chance {
  readonly #generator: ReturnType<typeof xoroshiro128plus>;

  constructor(seed: number) {
    this.#generator = xoroshiro128plus(seed);
  }

  /** An integer from 0 to `below` - 1. */
  integer(below: number): number {
    return uniformInt(this.#generator, 0, below - 1);
  }

  /** True in `percent` of a hundred cases. */
  percent(percent: number): boolean {
    return percent > 0 && this.integer(10_000) < percent * 100;
  }

  /** One of them. */
  of<T>(items: readonly T[]): T {
    return items[this.integer(items.length)] as T;
  }
}
