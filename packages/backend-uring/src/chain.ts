import { timeoutError } from '@polyring/core';
import { Batch, type Settlement } from './batch.js';
import type { Engine } from './engine.js';
import type { CustodyMemory } from './memory/bounce.js';
import type { Submission } from './submission.js';
import { TimeLimit } from './time-limit.js';

/** Submissions that are linked: each starts when the one before it is over. */
export class Chain implements Settlement {
  readonly #engine: Engine;
  readonly #submissions: readonly Submission[];
  readonly #signal: AbortSignal | undefined;
  readonly #batch: Batch;
  readonly #limit: TimeLimit | undefined;

  constructor(
    parts: { engine: Engine; memory: CustodyMemory },
    submissions: readonly Submission[],
    limits: { signal: AbortSignal | undefined; timeout: number | undefined },
  ) {
    this.#engine = parts.engine;
    this.#submissions = submissions;
    this.#signal = limits.signal;
    this.#batch = new Batch(submissions.length);
    if (limits.timeout !== undefined) {
      this.#limit = TimeLimit.ofSeveral(parts.memory, limits.timeout, this.#cancelRest);
    }
  }

  get promise(): Promise<PromiseSettledResult<number>[]> {
    return this.#batch.promise;
  }

  get reason(): Error | undefined {
    return this.#limit?.expired ? timeoutError(this.#limit.milliseconds) : undefined;
  }

  /** Gives back what it took, of a chain that was not queued. */
  release(): void {
    this.#limit?.release();
  }

  /** Queues all of it. */
  enqueue(): void {
    this.#engine.enqueueChain(this.#submissions);
    if (this.#limit !== undefined) this.#engine.enqueue(this.#limit);
  }

  settle(index: number, result: PromiseSettledResult<number>): void {
    this.#batch.settle(index, result);
    if (this.#batch.over) {
      if (this.#limit !== undefined) this.#engine.cancel(this.#limit);
    } else {
      // The next of a hard chain starts now, and was not there to be found when the others were cancelled.
      this.#cancelRest();
    }
  }

  /** Cancels what is left, if there is a reason to. */
  readonly #cancelRest = (): void => {
    if (this.#batch.over || (this.#signal?.aborted !== true && this.#limit?.expired !== true)) return;
    for (const submission of this.#submissions) this.#engine.cancel(submission);
  };
}
