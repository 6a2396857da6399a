import { Table } from 'console-table-printer';
import { formatMeasure } from '../measures.js';
import type { CaseReport, Report } from './report.js';
import {
  absencesOf,
  foundOf,
  headingOf,
  limitedOf,
  machineOf,
  methodOf,
  quartilesOf,
  tallyOf,
  verdictOf,
  versionsOf,
  wordsOf,
} from './words.js';

/** What stands above the first case. */
export function headingText(report: Report): string {
  const { machine } = report;
  return [
    machineOf(machine),
    `${versionsOf(machine)}; commit ${machine.commit}; load ${machine.load.toFixed(1)}`,
    methodOf(report),
  ].join('\n');
}

/** One case for a terminal: its results, and its targets. */
export function caseText(report: CaseReport): string {
  const { title, operation, measures, rows, verdicts, absent } = report;
  const parts = [`\n${title}`];
  if (rows.length > 0) {
    const table = tableOf([
      ['by', 'left'],
      ...measures.map((name) => [headingOf(name, operation), 'right'] as const),
      ['first ÷ this', 'right'],
    ]);
    for (const { rival, measured, ratio } of rows) {
      table.addRow({
        by: rival,
        ...Object.fromEntries(
          measures.map((name) => [headingOf(name, operation), formatMeasure(name, measured[name]?.median)]),
        ),
        'first ÷ this': ratio?.toFixed(2) ?? '',
      });
    }
    parts.push(table.render());
  }
  if (verdicts.length > 0) {
    const limits = new Set(verdicts.filter(({ limited }) => limited !== undefined).map(({ limit }) => limit));
    const table = tableOf([
      ['target', 'left'],
      ['of', 'left'],
      ['found', 'right'],
      ['half of the rounds', 'right'],
      ['', 'left'],
      ...(limits.size > 0 ? [['limit', 'right'] as const] : []),
    ]);
    for (const verdict of verdicts) {
      table.addRow({
        target: wordsOf(verdict),
        of: verdict.of,
        found: foundOf(verdict),
        'half of the rounds': quartilesOf(verdict),
        '': verdictOf(verdict),
        limit: limitedOf(verdict),
      });
    }
    parts.push(table.render());
    if (limits.size > 0) parts.push(`limit: ${[...limits].join('; ')}`);
  }
  return [...parts, ...absencesOf(absent)].join('\n');
}

/** What stands below the last case. */
export function endingText(report: Report): string {
  return `\n${tallyOf(report)}.`;
}

function tableOf(columns: readonly (readonly [name: string, alignment: string])[]): Table {
  return new Table({
    columns: columns.map(([name, alignment]) => ({ name, alignment })),
    shouldDisableColors: true,
  });
}
