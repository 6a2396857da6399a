import type { Engine } from '../engine/engine.js';

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
  readonly #engine: Pick<Engine, 'refusal'>;
  readonly #results: PromiseSettledResult<number>[];
  #resolve: (results: PromiseSettledResult<number>[]) => void = () => {};
  #left: number;

  constructor(engine: Pick<Engine, 'refusal'>, count: number) {
    this.#engine = engine;
    this.#left = count;
    this.#results = new Array(count);
    this.promise = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    if (count === 0) this.#resolve([]);
  }

  /** As for one that is submitted alone, as they have nothing to do with each other. */
  get reason(): Error | undefined {
    return this.#engine.refusal;
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
