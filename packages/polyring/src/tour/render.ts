import { formatCandidate } from '@polyring/core';
import { Ansis } from 'ansis';
import { Table } from 'console-table-printer';
import { MEASURES, type MeasureName, type Measures } from './measures.js';
import type { StepReport, TourReport, TourSubject } from './report.js';
import type { StepResult } from './step.js';

const NAMES = Object.keys(MEASURES) as MeasureName[];

/** Turns a tour's data into text for people. */
export class TourRenderer {
  readonly #ansi: Ansis;

  /** @param colour whether the text may hold the escape sequences of a terminal */
  constructor(colour: boolean) {
    this.#ansi = new Ansis(colour ? 1 : 0);
  }

  /** What stands before the first step: the backend, and why no other that was tried. */
  heading({ backend, explanation, node, kernel }: TourSubject): string {
    const first = this.#ansi.bold(`Polyring on the backend "${backend}", Node.js ${node}, Linux ${kernel}`);
    const refused = explanation.candidates.filter(({ outcome }) => outcome === 'passed-over');
    return `${[first, ...refused.map(formatCandidate)].join('\n')}\n`;
  }

  /** One step: its table and what was verified, or why it failed. */
  step(report: StepReport): string {
    const title = `\n${this.#ansi.bold(report.title)}\n`;
    if (!report.ok) return `${title}${this.#ansi.red('failed')}: ${report.error.message}\n`;
    const lines = [`${this.#ansi.green('verified')}: ${report.verified}`, ...(report.notes ?? [])];
    return `${title}${this.#table(report)}\n${lines.join('\n')}\n`;
  }

  /** What stands behind the last step. */
  ending({ ok, steps, seconds }: TourReport): string {
    const last = steps.at(-1);
    const count = steps.length === 1 ? '1 step' : `${steps.length} steps`;
    if (ok || last === undefined) return `\n${count} verified in ${seconds.toFixed(1)} s.\n`;
    return `\nThe tour ended at the step "${last.title}", which failed.\n`;
  }

  #table({ sides, unit }: StepResult): string {
    const names = NAMES.filter((name) => sides.some(({ measures }) => measures[name] !== undefined));
    const table = new Table({
      columns: [
        { name: 'by', alignment: 'left' },
        ...names.map((name) => ({
          name,
          title: MEASURES[name].heading.replace('%', unit),
          alignment: 'right' as const,
        })),
      ],
      // Its default is white, which a light background hides.
      shouldDisableColors: true,
    });
    for (const { by, measures } of sides) {
      table.addRow({ by, ...Object.fromEntries(names.map((name) => [name, formatMeasure(name, measures)])) });
    }
    return table.render();
  }
}

function formatMeasure(name: MeasureName, measures: Measures): string {
  const { digits } = MEASURES[name];
  const value = measures[name];
  return value === undefined
    ? ''
    : value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}
