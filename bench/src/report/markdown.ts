import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { Report } from './report.js';
import {
  foundOf,
  limitOf,
  machineOf,
  methodOf,
  quartilesOf,
  tallyOf,
  verdictOf,
  versionsOf,
  wordsOf,
} from './words.js';

const MARKS = { met: 'yes', missed: '**no**', open: 'not measured' } as const;

/** A run as Markdown: a line for each target. */
function markdownOf(report: Report): string {
  const { machine, cases } = report;
  const lines = [
    '| case | of | target | measured | half of the rounds | met | limit |',
    '|---|---|---|--:|--:|---|---|',
    ...cases.flatMap(({ title, verdicts }) =>
      verdicts.map((verdict, index) => {
        const cells = [
          index === 0 ? title : '',
          verdict.of,
          wordsOf(verdict),
          foundOf(verdict),
          quartilesOf(verdict),
          MARKS[verdictOf(verdict)],
          limitOf(verdict),
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

const [BEGIN, END] = ['<!-- benchmark -->', '<!-- /benchmark -->'];

/** Writes a run as Markdown; into a file that has the marks of it, between these. */
export function writeMarkdown(path: string, report: Report): void {
  const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
  const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)];
  const isMarked = begin !== -1 && end > begin;
  const written = markdownOf(report);
  writeFileSync(path, isMarked ? `${text.slice(0, begin + BEGIN.length)}\n\n${written}\n${text.slice(end)}` : written);
}
