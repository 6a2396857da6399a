import type { KitReport, RuleReport } from '../report/report.js';
import { formatTotals, isFailure, isTolerated, verdictOf } from '../report/verdict.js';
import { detailOf, factsOf, nameOf, replayOf } from './facts.js';

/** The report as a document in Markdown, for a release's notes or a pull request. */
export function markdown(report: KitReport): string {
  const { ok, complaints, totals } = verdictOf(report);
  const failures = report.results.filter(isFailure);
  const parts = [
    `# Conformance of the driver "${report.driver.name}"`,
    `**${ok ? 'Passed' : `Not passed: ${complaints.join('; ')}`}.** ${formatTotals(totals)}, in ${(report.milliseconds / 1000).toFixed(1)} s.`,
    table(['', ''], factsOf(report)),
    ...(failures.length === 0 ? [] : ['## Failures', ...failures.map((result) => failure(result, report))]),
    '## Rules',
    table(
      ['rule', 'outcome', 'ms', 'expectation'],
      report.results.map((result) => [
        nameOf(result, report),
        outcome(result),
        String(Math.round(result.milliseconds)),
        result.expectation,
      ]),
    ),
  ];
  return `${parts.join('\n\n')}\n`;
}

function failure(result: RuleReport, report: KitReport): string {
  const text = `${detailOf(result)}\n\nAgain: ${replayOf(result, report)}`;
  return `### ${nameOf(result, report)}\n\n${result.expectation}.\n\n${fenced(text)}`;
}

/** A fence is longer than any run of backticks within it. */
function fenced(text: string): string {
  const runs = text.match(/`+/g) ?? [];
  const fence = '`'.repeat(Math.max(3, ...runs.map(({ length }) => length + 1)));
  return `${fence}text\n${text}\n${fence}`;
}

function outcome(result: RuleReport): string {
  if (isFailure(result)) return 'FAILED';
  if (isTolerated(result)) return `failed, does not count (${result.class})`;
  return result.reason === undefined ? result.outcome : `${result.outcome}: ${result.reason}`;
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`;
  return [line(heads), `|${heads.map(() => ' --- |').join('')}`, ...rows.map(line)].join('\n');
}

function cell(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/[\\|<*_`[\]]/g, '\\$&');
}
