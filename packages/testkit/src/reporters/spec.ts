import { Ansis } from 'ansis';
import type { KitReport, RuleReport } from '../report/report.js';
import { formatTotals, isFailure, isTolerated, verdictOf } from '../report/verdict.js';
import { detailOf, nameOf, replayOf } from './facts.js';
import type { Presentation } from './reporter.js';

/** The report for people: a line for each rule, what is wrong with those that failed, and the verdict. */
export function spec(report: KitReport, { colour }: Presentation): string {
  const ansi = new Ansis(colour ? 1 : 0);
  const { ok, complaints, totals } = verdictOf(report);
  const failures = report.results.filter(isFailure);
  return [
    heading(report, ansi),
    report.results.map((result) => resultLine(result, report, ansi)).join('\n'),
    ...failures.map((result) => failureText(result, report, ansi)),
    `${formatTotals(totals)}, in ${(report.milliseconds / 1000).toFixed(1)} s with seed ${report.seed}`,
    ok ? ansi.green(acceptance(report)) : ansi.red(`Not passed: ${complaints.join('; ')}.`),
  ]
    .filter((part) => part !== '')
    .map((part) => `${part}\n`)
    .join('\n');
}

function heading(report: KitReport, ansi: Ansis): string {
  const { driver } = report;
  const supports = Object.entries(driver.supports).map(([name, value]) => `${value ? '' : 'no '}${name}`);
  const opcodes = driver.opcodes.length === 0 ? '' : `, ${driver.opcodes.length} opcodes`;
  return [
    ansi.bold(`The driver "${driver.name}" (${supports.join(', ')}${opcodes}) of ${report.subject}`),
    `polyring-testkit ${report.kit}, contract ${report.contract}, Node.js ${report.node}, Linux ${report.kernel}, ${report.architecture}`,
    `${report.chosen} of ${report.known} rules${report.rounds === 1 ? '' : `, ${report.rounds} rounds`}, seed ${report.seed}, time scale ${report.timeScale}, ${report.isolated ? 'each rule in a process of its own' : 'in one process'}`,
  ].join('\n');
}

function resultLine(result: RuleReport, report: KitReport, ansi: Ansis): string {
  const name = nameOf(result, report);
  const { outcome, milliseconds, reason } = result;
  const time = ansi.dim(`${Math.round(milliseconds)} ms`);
  const why = reason === undefined ? '' : `: ${reason}`;
  if (isFailure(result)) return `${ansi.red('FAILED ')}  ${name}  ${time}`;
  if (isTolerated(result)) {
    return `${ansi.yellow('failed ')}  ${name}, which is ${result.class} and does not count: ${firstLineOf(result)}  ${time}`;
  }
  if (outcome === 'skipped') return `${ansi.yellow('skipped')}  ${name}${why}`;
  return `${ansi.green('passed ')}  ${name}${why}  ${time}`;
}

function failureText(result: RuleReport, report: KitReport, ansi: Ansis): string {
  const text = [
    `${result.expectation}. (docs/contract.md#${result.section})`,
    detailOf(result),
    `Again: ${replayOf(result, report)}`,
  ].join('\n');
  return `${ansi.bold(nameOf(result, report))}\n${text.replace(/^(?=.)/gm, '  ')}`;
}

function firstLineOf({ error }: RuleReport): string {
  return (error?.message ?? '').split('\n', 1)[0] as string;
}

function acceptance({ chosen, known }: KitReport): string {
  return chosen === known
    ? 'Passed: the driver keeps the contract.'
    : 'Passed: the driver keeps the rules that were chosen.';
}
