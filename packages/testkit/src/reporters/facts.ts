import { stripVTControlCharacters } from 'node:util';
import type { KitReport, RuleReport } from '../report/report.js';

/** What stands at the head of a report, by name. */
export function factsOf(report: KitReport): [name: string, value: string][] {
  const { driver } = report;
  const capabilities = Object.entries(driver.supports).map(([name, value]) => `${name} ${value ? 'yes' : 'no'}`);
  return [
    ['subject', report.subject],
    ['driver', driver.name],
    ['capabilities', capabilities.join(', ')],
    ['opcodes', driver.opcodes.join(' ') || 'none'],
    ['features', driver.features.join(' ') || 'none'],
    ['kit', report.kit],
    ['contract', report.contract],
    ['kernel', report.kernel],
    ['node', report.node],
    ['architecture', report.architecture],
    ['seed', String(report.seed)],
    ['rounds', String(report.rounds)],
    ['time scale', String(report.timeScale)],
    ['isolation', report.isolated ? 'a process for each rule' : 'none'],
    ['rules', `${report.chosen} of ${report.known}`],
    ['started', report.startedAt],
  ];
}

/** The id of a rule, with its round if there are several. */
export function nameOf({ id, round }: RuleReport, { rounds }: KitReport): string {
  return rounds === 1 ? id : `${id} (round ${round})`;
}

/** The arguments of the command that run a rule again as it ran here. */
export function replayOf({ id, seed }: RuleReport, { subject, timeScale, isolated }: KitReport): string {
  const scale = timeScale === 1 ? '' : ` --time-scale ${timeScale}`;
  const mode = isolated ? '' : ' --in-process';
  return `polyring-testkit ${subject} --rules '${id}' --seed ${seed}${scale}${mode}`;
}

/** Everything that is known of a failure: its error, and what its process wrote. */
export function detailOf({ error, output }: RuleReport): string {
  const parts = [error?.detail, output === undefined ? undefined : `Output of the process:\n${output.trimEnd()}`];
  return stripVTControlCharacters(parts.filter((part) => part !== undefined).join('\n'));
}
