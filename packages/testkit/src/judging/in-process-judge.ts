import { runRule } from '../running/run-rule.js';
import type { Subject } from '../subject.js';
import { type Judge, reportOf } from './judge.js';
import { judgementOf } from './judgement.js';

/**
 * A judge that runs the rules in this process: fast, and at the mercy of the driver. A rule that blocks the thread
 * blocks it for good, and one that ends the process ends the run.
 *
 * @param scale the factor of every time limit
 */
export function inProcessJudge(subject: Subject, scale: number): Judge {
  return async (job, signal) => {
    const run = runRule(job.rule, subject, { seed: job.seed, scale });
    const result = await unlessAborted(run, signal);
    return result === undefined ? undefined : reportOf(job, judgementOf(result));
  };
}

/** Settles as the promise does, or resolves to nothing when the signal is aborted. */
function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => resolve(undefined);
    signal.addEventListener('abort', onAbort);
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
    if (signal.aborted) onAbort();
  });
}
