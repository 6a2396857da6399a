import { AbortError, abortCallbacks, type TimerSet, timeoutError } from '@polyring/core';
import type { Engine } from '../engine/engine.js';
import { Batch, type Settlement } from './batch.js';
import type { Submission } from './submission.js';
import { TimeLimit } from './time-limit.js';

/** Submissions that are linked: each starts when the one before it is over. */
export class Chain implements Settlement {
  readonly #engine: Engine;
  readonly #submissions: readonly Submission[];
  readonly #signal: AbortSignal | undefined;
  readonly #batch: Batch;
  readonly #limit: TimeLimit | undefined;
  /** The first that may run: those before it hold nothing up. */
  #first = 0;

  constructor(
    parts: { engine: Engine; timers: TimerSet },
    submissions: readonly Submission[],
    limits: { signal: AbortSignal | undefined; timeout: number | undefined },
  ) {
    this.#engine = parts.engine;
    this.#submissions = submissions;
    this.#signal = limits.signal;
    this.#batch = new Batch(parts.engine, submissions.length);
    if (limits.timeout !== undefined) {
      this.#limit = new TimeLimit(parts.timers, limits.timeout, this.#cancelRunning);
    }
  }

  get promise(): Promise<PromiseSettledResult<number>[]> {
    return this.#batch.promise;
  }

  /** Not that the driver was closed: it may be that one of them has failed, or that a limit came too late. */
  get reason(): Error | undefined {
    if (this.#signal?.aborted === true) return new AbortError(this.#signal.reason);
    return this.#limit?.expired ? timeoutError(this.#limit.milliseconds) : undefined;
  }

  /** Gives back what it took, of a chain that was not queued. */
  release(): void {
    this.#limit?.end();
  }

  /** Queues all of it. Throws, and queues nothing then, if the signal cannot be listened to. */
  enqueue(): void {
    if (this.#signal !== undefined) abortCallbacks.add(this.#signal, this.#cancelRunning);
    this.#engine.enqueueChain(this.#submissions);
    if (this.#limit?.expired === true) this.#cancelRunning();
  }

  answered(): void {
    this.#cancelRunning();
  }

  settle(index: number, result: PromiseSettledResult<number>): void {
    this.#batch.settle(index, result);
    if (!this.#batch.over) {
      this.#cancelRunning();
      return;
    }
    if (this.#signal !== undefined) abortCallbacks.remove(this.#signal, this.#cancelRunning);
    this.#limit?.end();
  }

  /**
   * Cancels the one that runs, if there is a reason to. Those behind it are not there to be found before they start: the rest
   * of a hard chain one after the other. The rest of any other the kernel cancels itself, and has completed by now.
   */
  readonly #cancelRunning = (): void => {
    if (this.#signal?.aborted !== true && this.#limit?.expired !== true) return;
    const running = this.#running();
    if (running !== undefined && this.#engine.resultOf(running) === undefined) this.#engine.cancel(running);
  };

  /** A submission that is over may be somebody else's already. */
  #running(): Submission | undefined {
    for (; this.#first < this.#submissions.length; this.#first += 1) {
      const submission = this.#submissions[this.#first] as Submission;
      if (!this.#batch.isOver(this.#first) && submission.holdsUp) return submission;
    }
    return undefined;
  }
}
