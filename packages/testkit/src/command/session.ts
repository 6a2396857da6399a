import { closeSync, openSync, writeFileSync } from 'node:fs';
import type { KitReport } from '../report/report.js';
import { firstLine } from '../report/reported-error.js';
import { formatTotals, verdictOf } from '../report/verdict.js';
import { reporters } from '../reporters/index.js';
import { rules } from '../rules/index.js';
import { chooseRules } from './choose-rules.js';
import { CommandError } from './command-error.js';
import { explainRule, listRules } from './describe-rules.js';
import { EarlyExit } from './early-exit.js';
import { findSubject } from './find-subject.js';
import { exitCodeOf, Interruption } from './interruption.js';
import { judgeSubject } from './judge-subject.js';
import { inProcessMode, isolatedMode } from './mode.js';
import type { KitOptions } from './options.js';
import { ProgressLine } from './progress-line.js';

/**
 * Does what the command line asks for.
 *
 * @returns the exit code
 * @throws CommandError for what is told in one line
 */
export async function runSession(options: KitOptions): Promise<number> {
  if (options.explain !== undefined) return tell(explainRule(rules, options.explain), 0);
  const chosen = chooseRules(rules, options.rules);
  if (options.list) return tell(listRules(chosen), 0);

  const { subject, inProcess, timeScale } = options;
  if (!subject) throw new CommandError(2, 'Name the module or package that exports the BackendFactory.');
  const url = findSubject(subject, process.cwd());
  const out = options.out === undefined ? undefined : openOut(options.out);
  const progress = new ProgressLine(process.stderr, chosen.length * options.repeat, process.env);
  using interruption = new Interruption();
  using earlyExit = inProcess ? new EarlyExit() : undefined;
  const report = await judgeSubject({
    subject,
    mode: inProcess ? inProcessMode(url, timeScale) : isolatedMode(url, timeScale),
    known: rules,
    chosen,
    options,
    interruption,
    started({ rule }) {
      earlyExit?.during(rule.id);
      progress.started(rule.id);
    },
    ended: (result) => progress.ended(result),
  });
  progress.clear();
  const code = report === undefined ? 1 : await publish(report, options, out);
  return interruption.by === undefined ? code : exitCodeOf(interruption.by);
}

/** Writes the report to where it is wanted, and returns the exit code that it calls for. */
async function publish(report: KitReport, { reporter }: KitOptions, out: number | undefined): Promise<number> {
  const { ok, totals } = verdictOf(report);
  const code = ok ? 0 : 1;
  if (out === undefined) {
    return tell(reporters[reporter](report, { colour: process.stdout.hasColors?.() ?? false }), code);
  }
  writing(1, () => {
    writeFileSync(out, reporters[reporter](report, { colour: false }));
    closeSync(out);
  });
  return tell(`${formatTotals(totals)}\n`, code);
}

/** Opened before the rules run, so that a file that cannot be written is told at once. */
function openOut(path: string): number {
  return writing(2, () => openSync(path, 'w'));
}

/** Tells in one line that a file cannot be written. */
function writing<T>(exitCode: 1 | 2, write: () => T): T {
  try {
    return write();
  } catch (error) {
    throw new CommandError(exitCode, `The report cannot be written: ${firstLine(error)}`);
  }
}

async function tell(text: string, code: number): Promise<number> {
  await new Promise<void>((resolve) => process.stdout.write(text, () => resolve()));
  return code;
}
