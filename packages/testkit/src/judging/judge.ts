import type { RuleReport } from '../report/report.js';
import type { Rule } from '../rule.js';
import type { Judgement } from './judgement.js';

/** One rule that is to be run in one round. */
export interface Job {
  readonly rule: Rule;
  /** From 1. */
  readonly round: number;
  readonly seed: number;
}

/**
 * Runs one rule. Never rejects because of the driver: a rule that throws, hangs or dies is a result.
 *
 * @returns nothing if the signal was aborted first
 */
export type Judge = (job: Job, signal: AbortSignal) => Promise<RuleReport | undefined>;

/** The jobs of several rounds, each round with the next seed. */
export function jobsOf(rules: readonly Rule[], rounds: number, seed: number): Job[] {
  return Array.from({ length: rounds }, (_, index) => index).flatMap((index) =>
    rules.map((rule) => ({ rule, round: index + 1, seed: (seed + index) >>> 0 })),
  );
}

/** The report of a job that was judged. */
export function reportOf({ rule, round, seed }: Job, judgement: Judgement): RuleReport {
  const { id, class: ruleClass, expectation, section } = rule;
  return { id, class: ruleClass, expectation, section, round, seed, ...judgement };
}
