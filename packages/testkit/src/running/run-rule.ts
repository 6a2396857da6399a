import { Fixtures } from '../fixtures/fixtures.js';
import { turn } from '../polling/turn.js';
import { DEFAULT_TIME_LIMIT, type Rule } from '../rule.js';
import type { Subject } from '../subject.js';
import { applicabilityOf } from './applicability.js';
import { RuleContext } from './context.js';
import { changedSince, openDescriptors } from './descriptors.js';
import { Random } from './random.js';
import { withTimeLimit } from './time-limit.js';
import { UncaughtErrors } from './uncaught.js';
import { warmUp } from './warm-up.js';

/** How rules are run. */
export interface RunOptions {
  /** The seed of what the rules choose by chance. 1 by default. */
  readonly seed?: number;
  /** The factor of every time limit, for machines that are slow or busy. 1 by default. */
  readonly scale?: number;
}

/** What became of a rule. */
export interface RuleResult {
  readonly id: string;
  readonly class: Rule['class'];
  readonly outcome: 'passed' | 'failed' | 'skipped';
  /** Why the rule was skipped, or why another check took its place. */
  readonly reason?: string;
  /** What a failed rule threw. */
  readonly error?: unknown;
  /** How long it took, clean-up included. */
  readonly milliseconds: number;
}

type Outcome = Pick<RuleResult, 'outcome' | 'reason' | 'error'>;

/** Loop turns that descriptors may take to close after everything that owned them has ended. */
const CLOSING_TURNS = 100;

/** How many of the descriptors that differ an error names. */
const LISTED_CHANGES = 10;

/**
 * Runs one rule in this process and cleans up after it. Never rejects: a rule that throws or hangs is a result. Rules run one
 * after the other: each looks at what the whole process has open.
 */
export async function runRule(rule: Rule, subject: Subject, options: RunOptions = {}): Promise<RuleResult> {
  const { seed = 1, scale = 1 } = options;
  const started = performance.now();
  const run = new RuleRun(rule, subject, seed, scale);
  const outcome = await run.outcome();
  return { id: rule.id, class: rule.class, ...outcome, milliseconds: performance.now() - started };
}

/** One run of one rule: warm up, check, clean up, look for what was left behind. */
class RuleRun {
  readonly #rule: Rule;
  readonly #subject: Subject;
  readonly #seed: number;
  readonly #scale: number;
  readonly #errors: unknown[] = [];

  constructor(rule: Rule, subject: Subject, seed: number, scale: number) {
    this.#rule = rule;
    this.#subject = subject;
    this.#seed = seed;
    this.#scale = scale;
  }

  async outcome(): Promise<Outcome> {
    await this.#attempt(warmUp(this.#subject), 'The first driver of the backend');
    const why = this.#errors.length === 0 ? await this.#judge() : {};
    const [error] = this.#errors;
    if (this.#errors.length > 1) {
      return { outcome: 'failed', error: new AggregateError(this.#errors, String(error)), ...why };
    }
    if (this.#errors.length === 1) return { outcome: 'failed', error, ...why };
    return { outcome: 'passed', ...why };
  }

  async #judge(): Promise<Partial<Outcome>> {
    const { id } = this.#rule;
    const abort = new AbortController();
    const uncaught = new UncaughtErrors();
    const fixtures = new Fixtures(this.#subject.url);
    const baseline = openDescriptors();
    const context = new RuleContext({
      subject: this.#subject,
      fixtures,
      random: new Random(this.#seed ^ hashOf(id)),
      signal: abort.signal,
      scale: this.#scale,
      uncaught,
    });
    let why: Partial<Outcome> = {};
    const check = async (): Promise<void> => {
      const { reason, check } = await applicabilityOf(this.#rule, context);
      if (reason !== undefined) why = { reason };
      if (check === undefined) why = { ...why, outcome: 'skipped' };
      else await check(context);
    };
    await this.#attempt(Promise.race([check(), uncaught.failure]), `The rule ${id}`, () => context.waitingFor?.());
    abort.abort();
    await this.#attempt(context.closeDrivers(), `Closing the drivers of ${id}`);
    await this.#attempt(fixtures[Symbol.asyncDispose](), `Cleaning up the fixtures of ${id}`);
    if (this.#errors.length === 0) await this.#attempt(descriptorsReturn(baseline), `The leak check of ${id}`);
    uncaught[Symbol.dispose]();
    for (const error of uncaught.unexpected) if (!this.#errors.includes(error)) this.#errors.push(error);
    return this.#errors.length === 0 ? why : {};
  }

  async #attempt(step: Promise<unknown>, what: string, waitingFor?: () => string | undefined): Promise<void> {
    const limit = (this.#rule.timeLimit ?? DEFAULT_TIME_LIMIT) * this.#scale;
    await withTimeLimit(step, limit, what, waitingFor).catch((error: unknown) => this.#errors.push(error));
  }
}

/** Resolves when the open descriptors are those of the baseline; rejects if they stay different. */
async function descriptorsReturn(baseline: ReadonlyMap<number, string>): Promise<void> {
  for (let turns = 0; ; turns += 1) {
    const changes = changedSince(baseline);
    if (changes.length === 0) return;
    if (turns === CLOSING_TURNS) throw new Error(`Descriptors differ after the rule: ${listed(changes)}`);
    await turn();
  }
}

/** A driver that leaks leaves hundreds, and the first tell what they are. */
function listed(changes: readonly string[]): string {
  const more = changes.length - LISTED_CHANGES;
  return [...changes.slice(0, LISTED_CHANGES), ...(more > 0 ? [`${more} more`] : [])].join('; ');
}

function hashOf(text: string): number {
  let hash = 0;
  for (const character of text) hash = (Math.imul(hash, 31) + (character.codePointAt(0) ?? 0)) | 0;
  return hash;
}
