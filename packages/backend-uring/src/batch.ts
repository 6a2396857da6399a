/** Who is told what became of one of several submissions. */
export interface Settlement {
  /** What to reject with in place of ECANCELED, if there is a reason that the kernel does not know. */
  readonly reason: Error | undefined;
  /** One of them has its result, and is over later. */
  answered(): void;
  /** One of them is over. */
  settle(index: number, result: PromiseSettledResult<number>): void;
}

/** Several submissions with one promise, which resolves when all are over. */
export class Batch implements Settlement {
  readonly promise: Promise<PromiseSettledResult<number>[]>;
  readonly reason = undefined;
  readonly #results: PromiseSettledResult<number>[];
  #resolve: (results: PromiseSettledResult<number>[]) => void = () => {};
  #left: number;

  constructor(count: number) {
    this.#left = count;
    this.#results = new Array(count);
    this.promise = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    if (count === 0) this.#resolve([]);
  }

  /** Whether all are over. */
  get over(): boolean {
    return this.#left === 0;
  }

  /** Whether one of them is over. */
  isOver(index: number): boolean {
    return this.#results[index] !== undefined;
  }

  answered(): void {}

  settle(index: number, result: PromiseSettledResult<number>): void {
    this.#results[index] = result;
    this.#left -= 1;
    if (this.over) this.#resolve(this.#results);
  }
}
