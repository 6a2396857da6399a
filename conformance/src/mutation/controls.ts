import { DEFAULT_TIME_LIMIT, type Rule } from '@polyring/testkit';
import { type BaseName, bases } from '../bases.js';
import { DriverTrials } from './driver-trials.js';
import type { Trial } from './trial-process.js';

/** A mutant may take this many times as long as its base took. */
const FACTOR = 10;

/** Milliseconds that a mutant may take at least. */
const LEAST = 1500;

/** What the unbroken backends make of the rules, each asked once. */
export class Controls implements Disposable {
  readonly #patience: number;
  readonly #bases: ReadonlyMap<string, DriverTrials>;
  readonly #trials = new Map<string, Promise<Trial>>();

  /** @param patience the factor of every limit */
  constructor(patience: number) {
    this.#patience = patience;
    this.#bases = new Map(Object.keys(bases).map((base) => [base, new DriverTrials(`base=${base}`, patience)]));
  }

  /** The base under the rule, with the rule's own limit. */
  trial(rule: Rule, base: BaseName): Promise<Trial> {
    const key = `${base} ${rule.id}`;
    let trial = this.#trials.get(key);
    if (trial === undefined) {
      trial = (this.#bases.get(base) as DriverTrials).try(rule, this.#limit(rule));
      this.#trials.set(key, trial);
    }
    return trial;
  }

  /**
   * Milliseconds that a mutant may take. A lost wake costs all of them, so they go by what the base took, and are the
   * rule's own limit at most.
   */
  async mutantLimit(rule: Rule, base: BaseName): Promise<number> {
    const { milliseconds } = await this.trial(rule, base);
    return Math.min(Math.max(FACTOR * milliseconds, LEAST * this.#patience), this.#limit(rule));
  }

  /** Ends the processes. */
  [Symbol.dispose](): void {
    for (const trials of this.#bases.values()) trials[Symbol.dispose]();
  }

  #limit(rule: Rule): number {
    return (rule.timeLimit ?? DEFAULT_TIME_LIMIT) * this.#patience;
  }
}
