import { existsSync, readFileSync, statSync } from 'node:fs';
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
function linesOf(report: Report): string {
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

/** What a file holds before and after a run. */
type Frame = readonly [before: string, after: string];

/**
 * The frame of a file: up to its marks, or nothing but the marks where it is empty or not there.
 *
 * @throws where it holds something and not both marks, so that this would be lost
 */
export function frameOf(path: string): Frame {
  const text = existsSync(path) && statSync(path).isFile() ? readFileSync(path, 'utf8') : '';
  if (text === '') return [`${BEGIN}\n\n`, `\n${END}\n`];
  const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (begin === -1 || end < begin) throw new Error(`${path} does not have both marks: ${BEGIN} and ${END}`);
  return [`${text.slice(0, begin + BEGIN.length)}\n\n`, `\n${text.slice(end)}`];
}

/** A run as Markdown, between the marks of a file, with all that is around these. */
export function markdownOf(report: Report, path: string): string {
  return frameOf(path).join(linesOf(report));
}
