import type { Report } from './report.js';
import { foundOf, machineOf, methodOf, tallyOf, verdictOf, versionsOf, wordsOf } from './words.js';

const MARKS = { met: 'yes', missed: '**no**', open: 'not measured' } as const;

/** A run as Markdown: a line for each target. */
export function markdownOf(report: Report): string {
  const { machine, cases } = report;
  const lines = [
    '| case | of | target | measured | met |',
    '|---|---|---|--:|---|',
    ...cases.flatMap(({ title, verdicts }) =>
      verdicts.map((verdict, index) => {
        const cells = [
          index === 0 ? title : '',
          verdict.of,
          wordsOf(verdict),
          foundOf(verdict),
          MARKS[verdictOf(verdict)],
        ];
        return `| ${cells.join(' | ')} |`;
      }),
    ),
    '',
    `${tallyOf(report)}. ${methodOf(report)}`,
    `${machineOf(machine)}; ${versionsOf(machine)}; commit ${machine.commit}.`,
  ];
  return `${lines.join('\n')}\n`;
}
