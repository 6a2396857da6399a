import { DEFAULT_TIME_LIMIT, type Rule } from '@polyring/testkit';
import type { BaseName } from '../mutants/mutant.js';
import { baseQuery, type Trial, tryRule } from './trial.js';

/** A mutant may take this many times as long as its base took. */
const FACTOR = 10;

/** Milliseconds that a mutant may take at least. */
const LEAST = 1500;

/** What the unbroken backends make of the rules, each asked once. */
export class Controls {
  readonly #patience: number;
  readonly #trials = new Map<string, Promise<Trial>>();

  /** @param patience the factor of every limit */
  constructor(patience: number) {
    this.#patience = patience;
  }

  /** The base under the rule, with the rule's own limit. */
  trial(rule: Rule, base: BaseName): Promise<Trial> {
    const key = `${base} ${rule.id}`;
    const trial = this.#trials.get(key) ?? tryRule(rule, baseQuery(base), this.#limit(rule), this.#patience);
    this.#trials.set(key, trial);
    return trial;
  }

  /**
   * A mutant under the rule. A lost wake costs the whole limit, so the limit goes by what the base took, and is
   * the rule's own at most.
   */
  async mutantTrial(rule: Rule, base: BaseName, name: string): Promise<Trial> {
    const { milliseconds } = await this.trial(rule, base);
    const limit = Math.max(FACTOR * milliseconds, LEAST * this.#patience);
    return tryRule(rule, name, Math.min(limit, this.#limit(rule)), this.#patience);
  }

  #limit(rule: Rule): number {
    return (rule.timeLimit ?? DEFAULT_TIME_LIMIT) * this.#patience;
  }
}
