import type { Driver } from '@polyring/core';
import { type Inspection, inspectSubject } from '../isolation/inspect.js';
import { inspectIsolated } from '../isolation/inspect-isolated.js';
import { isolatedJudge } from '../isolation/isolated-judge.js';
import { inProcessJudge } from '../judging/in-process-judge.js';
import type { Judge } from '../judging/judge.js';
import type { DriverReport } from '../report/report.js';
import { withTimeLimit } from '../running/time-limit.js';
import { loadSubject } from '../subject.js';

/** Where a backend is looked at and judged. */
export interface Mode {
  /** Looks at the backend before any rule runs. */
  inspect(signal: AbortSignal): Promise<Inspection>;
  /** Makes the judge of a backend that was found usable. */
  judge(driver: DriverReport): Promise<Judge>;
}

/** Milliseconds, before scaling, that the first driver may take to close. */
const CLOSE_LIMIT = 10_000;

/** Everything of the backend happens in other processes, a process for each rule. */
export function isolatedMode(url: string, scale: number): Mode {
  return {
    inspect: (signal) => inspectIsolated(url, scale, signal),
    judge: async ({ supports }) => isolatedJudge(url, scale, supports),
  };
}

/** Everything happens in this process. */
export function inProcessMode(url: string, scale: number): Mode {
  // Whether it closes as it should is a matter of the rules.
  const close = (driver: Driver): Promise<void> =>
    withTimeLimit(driver.close(), CLOSE_LIMIT * scale, 'Closing the first driver').catch(() => {});
  return {
    inspect: () => inspectSubject(url, close),
    judge: async () => inProcessJudge(await loadSubject(url), scale),
  };
}
