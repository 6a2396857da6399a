import type { Job } from '../judging/judge.js';
import { jobsOf } from '../judging/judge.js';
import { runJobs } from '../judging/run-jobs.js';
import { circumstances } from '../report/circumstances.js';
import type { KitReport, RuleReport } from '../report/report.js';
import type { Rule } from '../rule.js';
import { CommandError } from './command-error.js';
import type { Interruption } from './interruption.js';
import type { Mode } from './mode.js';
import type { KitOptions } from './options.js';

/** What judging a backend takes. */
export interface Trial {
  /** The module or package, as it was given. */
  readonly subject: string;
  readonly mode: Mode;
  /** All rules of the kit. */
  readonly known: readonly Rule[];
  readonly chosen: readonly Rule[];
  readonly options: KitOptions;
  readonly interruption: Interruption;
  /** Called when a rule begins. */
  started(job: Job): void;
  /** Called when a rule has its result. */
  ended(report: RuleReport): void;
}

/**
 * Judges a backend.
 *
 * @returns the report, of what is known if the run was interrupted; nothing if that was before the first rule
 * @throws CommandError if the module is no backend (exit code 2), or cannot run here (1)
 */
export async function judgeSubject(trial: Trial): Promise<KitReport | undefined> {
  const { subject, mode, known, chosen, options, interruption, started, ended } = trial;
  const { signal } = interruption;
  const { seed, repeat: rounds, inProcess, timeScale } = options;
  const startedAt = new Date();
  const start = performance.now();
  const inspection = await mode.inspect(signal);
  if (signal.aborted) return undefined;
  if (inspection.kind !== 'usable') {
    throw new CommandError(inspection.kind === 'no-backend' ? 2 : 1, `"${subject}": ${inspection.trouble}`);
  }
  const judge = await mode.judge(inspection.driver);
  const concurrency = inProcess ? 1 : options.concurrency;
  const jobs = jobsOf(chosen, rounds, seed);
  const results = await runJobs(jobs, { judge, concurrency, signal, started, ended });
  const { by } = interruption;
  return {
    ...circumstances(),
    subject,
    driver: inspection.driver,
    seed,
    rounds,
    timeScale,
    isolated: !inProcess,
    known: known.length,
    chosen: chosen.length,
    startedAt: startedAt.toISOString(),
    milliseconds: performance.now() - start,
    ...(by === undefined ? {} : { interrupted: by }),
    results,
  };
}
