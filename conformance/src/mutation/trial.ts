import { DEFAULT_TIME_LIMIT, type Rule } from '@polyring/testkit';
import { runIsolated } from '../../../packages/testkit/dist/isolation/isolated-process.js';
import type { BaseName } from '../mutants/mutant.js';

/** What one rule said about one driver. */
export interface Trial {
  /** `hung`: the rule's process was killed, as its thread never came back. `died`: it ended without a verdict. */
  readonly verdict: 'passed' | 'failed' | 'skipped' | 'hung' | 'died';
  /** What the rule found, in one line. Empty if it passed. */
  readonly finding: string;
  readonly milliseconds: number;
}

/** The message of the kit's process for one rule. */
interface Judgement {
  readonly outcome: 'passed' | 'failed' | 'skipped';
  readonly milliseconds: number;
  readonly reason?: string;
  readonly error?: { readonly name: string; readonly message: string };
}

const RULE_PROCESS = new URL('../../../packages/testkit/dist/isolation/rule-process.js', import.meta.url);
const SUBJECT = new URL('../mutants/subject.js', import.meta.url);

/** Every run has the same seed: what convicts today convicts tomorrow. */
const SEED = 1;

/** Milliseconds, before scaling, that a process may take to start and warm up, and to clean up after a rule that hangs. */
const ALLOWANCE = 20_000;

const LONGEST_FINDING = 160;

/** The query of an unbroken backend. */
export function baseQuery(base: BaseName): string {
  return `base=${base}`;
}

/**
 * Runs a rule on a driver, in a process of its own that is killed from outside if it does not end.
 *
 * @param query names the driver: see `mutants/subject.ts`
 * @param limit milliseconds that the check may take
 * @param patience the factor of what is allowed besides the check
 */
export async function tryRule(rule: Rule, query: string, limit: number, patience: number): Promise<Trial> {
  const scale = limit / (rule.timeLimit ?? DEFAULT_TIME_LIMIT);
  const job = { id: rule.id, url: `${SUBJECT.href}?${query}`, seed: SEED, scale };
  const end = await runIsolated<Judgement>(RULE_PROCESS, job, {
    limit: 3 * limit + ALLOWANCE * patience,
    endLimit: ALLOWANCE * patience,
    signal: new AbortController().signal,
  });
  const { message: judgement, milliseconds } = end;
  if (judgement !== undefined) {
    const { outcome, reason = '', error } = judgement;
    const finding = error === undefined ? reason : shortened(`${error.name}: ${error.message}`);
    return { verdict: outcome, finding, milliseconds: judgement.milliseconds };
  }
  if (end.timedOut) return { verdict: 'hung', finding: 'its thread never came back', milliseconds };
  const how = end.signal ?? `exit code ${end.code}`;
  return { verdict: 'died', finding: `${how}: ${shortened(end.output)}`, milliseconds };
}

/** The text in one line that is not too long. */
function shortened(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length <= LONGEST_FINDING ? line : `${line.slice(0, LONGEST_FINDING)}...`;
}
