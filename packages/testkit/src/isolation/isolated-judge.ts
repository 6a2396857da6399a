import type { DriverCapabilities } from '@polyring/core';
import { type Judge, reportOf } from '../judging/judge.js';
import type { Judgement } from '../judging/judgement.js';
import type { ProcessEnd } from '../report/report.js';
import { DEFAULT_TIME_LIMIT } from '../rule.js';
import { inapplicable } from '../running/applicability.js';
import { type IsolatedEnd, runIsolated } from './isolated-process.js';

/** What the process of a rule is told. It says a {@link Judgement}. */
export interface RuleJob {
  readonly id: string;
  /** The module of the backend. */
  readonly url: string;
  readonly seed: number;
  readonly scale: number;
}

/** Milliseconds, before scaling, that a process may take to start and to warm the backend up. */
export const START_ALLOWANCE = 10_000;

/** Milliseconds, before scaling, that the process of a rule may live on once the rule has its result. */
const END_ALLOWANCE = 5000;

const RULE_PROCESS = new URL('./rule-process.js', import.meta.url);

/**
 * A judge that gives each rule a process of its own and kills it from outside when its time is over. A process
 * that dies, hangs, or does not end by itself after a rule that passed, is a failure of the rule. A rule that does not
 * apply needs no process.
 *
 * @param url the module of the backend
 * @param scale the factor of every time limit
 * @param supports what the backend's first driver said it can do
 */
export function isolatedJudge(url: string, scale: number, supports: DriverCapabilities): Judge {
  return async (job, signal) => {
    const reason = inapplicable(job.rule, supports);
    if (reason !== undefined) return reportOf(job, { outcome: 'skipped', milliseconds: 0, reason });
    const limit = ((job.rule.timeLimit ?? DEFAULT_TIME_LIMIT) + START_ALLOWANCE) * scale;
    const endLimit = END_ALLOWANCE * scale;
    const told: RuleJob = { id: job.rule.id, url, seed: job.seed, scale };
    const ended = await runIsolated<Judgement>(RULE_PROCESS, told, { limit, endLimit, signal });
    if (signal.aborted) return undefined;
    const { output } = ended;
    const judgement = judge(ended, limit, endLimit);
    return reportOf(job, output === '' ? judgement : { ...judgement, output });
  };
}

function judge(ended: IsolatedEnd<Judgement>, limit: number, endLimit: number): Judgement {
  const { message: said, code, signal, timedOut } = ended;
  const isSound = code === 0 && !timedOut;
  if (said !== undefined && (isSound || said.outcome === 'failed')) return said;
  const end: ProcessEnd = { code, signal, timedOut };
  const message =
    said === undefined
      ? `The rule's process ${formatEnd(end, limit)} before the rule had a result`
      : `The rule ${said.outcome === 'passed' ? 'passed' : 'was skipped'}, but its process ${formatEnd(end, endLimit)} after that`;
  const { milliseconds } = said ?? ended;
  return { outcome: 'failed', milliseconds, error: { name: 'Error', message, detail: message }, end };
}

function formatEnd({ code, signal, timedOut }: ProcessEnd, limit: number): string {
  if (timedOut) return `did not end within ${limit} ms and was killed`;
  return signal === null ? `exited with code ${code}` : `was ended by ${signal}`;
}
