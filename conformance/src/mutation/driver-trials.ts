import type { Rule } from '@polyring/testkit';
import { type Trial, TrialProcess } from './trial-process.js';

/**
 * The trials of one driver, one after another. They share a process as long as rules pass: one that does not is the last
 * of its process, and is believed only if it was the first as well. So nothing that a broken driver leaves behind
 * convicts it.
 */
export class DriverTrials implements Disposable {
  readonly #query: string;
  readonly #patience: number;
  #process: TrialProcess | undefined;
  #latest: Promise<unknown> = Promise.resolve();

  /**
   * @param query names the driver: see `subject.ts`
   * @param patience the factor of what is allowed besides the checks
   */
  constructor(query: string, patience: number) {
    this.#query = query;
    this.#patience = patience;
  }

  /**
   * Tries a rule.
   *
   * @param limit milliseconds that the check may take
   */
  try(rule: Rule, limit: number): Promise<Trial> {
    const trial = this.#latest.then(() => this.#try(rule, limit));
    this.#latest = trial;
    return trial;
  }

  /** Ends the process. */
  [Symbol.dispose](): void {
    this.#process?.[Symbol.dispose]();
    this.#process = undefined;
  }

  async #try(rule: Rule, limit: number): Promise<Trial> {
    this.#process ??= new TrialProcess(this.#query, this.#patience);
    const { trials } = this.#process;
    const trial = await this.#process.try(rule, limit);
    if (trial.verdict === 'passed' || trial.verdict === 'skipped') return trial;
    this[Symbol.dispose]();
    return trials === 0 ? trial : this.#try(rule, limit);
  }
}
