import type { RuleReport } from '../report/report.js';
import type { Job, Judge } from './judge.js';

/** How jobs are run. */
export interface RunJobsOptions {
  readonly judge: Judge;
  /** How many run at the same time. Those of stochastic rules run before the others, each alone. */
  readonly concurrency: number;
  /** Ends the run when it is aborted. */
  readonly signal: AbortSignal;
  /** Called when a job begins. */
  started(job: Job): void;
  /** Called when a job has ended. */
  ended(report: RuleReport): void;
}

/** Runs jobs, and returns what is known of them in their order: everything, unless the signal was aborted. */
export async function runJobs(jobs: readonly Job[], options: RunJobsOptions): Promise<RuleReport[]> {
  const { judge, concurrency, signal, started, ended } = options;
  const reports = new Map<Job, RuleReport>();
  const work = async (queue: Iterable<Job>): Promise<void> => {
    for (const job of queue) {
      if (signal.aborted) return;
      started(job);
      const report = await judge(job, signal);
      if (report === undefined) return;
      reports.set(job, report);
      ended(report);
    }
  };
  const isMeasured = ({ rule }: Job): boolean => concurrency > 1 && rule.class === 'stochastic';
  await work(jobs.filter(isMeasured));
  const queue = jobs.filter((job) => !isMeasured(job)).values();
  await Promise.all(Array.from({ length: concurrency }, () => work(queue)));
  return jobs.flatMap((job) => reports.get(job) ?? []);
}
