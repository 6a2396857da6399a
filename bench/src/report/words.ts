import { MEASURES, type MeasureName } from '../measures.js';
import { ROUNDS_A_PROCESS } from '../rounds.js';
import type { Machine } from './machine.js';
import type { Absence, Report, Verdict } from './report.js';

// How reports are said, in a terminal, in Markdown and on the page.

/** The heading of a measure's column. */
export function headingOf(name: MeasureName, operation: string): string {
  return MEASURES[name].heading.replace('%', operation);
}

const NAMES: Partial<Record<MeasureName, string>> = {
  rate: '',
  cpu: 'CPU per operation ',
  p50: 'p50 ',
  p99: 'p99 ',
  milliseconds: '',
  wakeups: 'wake-ups ',
  idleCpu: 'CPU ',
  memory: 'memory ',
  descriptorMemory: 'per descriptor ',
};

/** A target in words: `CPU per operation ≤ 0.7 × node:net`. */
export function wordsOf({ measure, as, sense, bound, beside }: Verdict): string {
  const what = NAMES[measure] ?? '';
  const { unit } = MEASURES[measure];
  if (as === 'ratio') return `${what}${sense} ${bound} × ${beside}`;
  if (as === 'difference') return `${what}${sense} ${bound} ${unit} over ${beside}`;
  return `${what}${sense} ${bound.toLocaleString('en-US')} ${unit}`;
}

/** What was measured for a target. What was missed is not rounded to what would have met it. */
export function foundOf({ as, measured, measure, bound, met }: Verdict): string {
  if (measured === undefined) return 'not measured';
  const digits = met === false && Number(measured.toFixed(2)) === bound ? 4 : 2;
  return `${figureOf(as, measured, digits)} ${as === 'ratio' ? '×' : MEASURES[measure].unit}`;
}

/** Between which two values the middle half of the rounds lies; empty where all gave the same. */
export function quartilesOf({ as, quartiles }: Verdict): string {
  const [lower, upper] = (quartiles ?? []).map((value) => figureOf(as, value));
  return lower === upper ? '' : `${lower} – ${upper}`;
}

/** What the limit of a target gave; empty where none is measured. */
export function limitedOf({ as, limited, measure }: Verdict): string {
  return limited === undefined ? '' : `${figureOf(as, limited)} ${as === 'ratio' ? '×' : MEASURES[measure].unit}`;
}

/** As {@link limitedOf}, with who that is. */
export function limitOf(verdict: Verdict): string {
  const limited = limitedOf(verdict);
  return limited && `${limited}, ${verdict.limit}`;
}

function figureOf(as: Verdict['as'], value: number, digits = 2): string {
  return as === 'ratio' ? value.toFixed(digits) : value.toLocaleString('en-US', { maximumFractionDigits: digits });
}

/** `met`, `missed`, or neither. */
export function verdictOf({ met }: Verdict): 'met' | 'missed' | 'open' {
  return met === undefined ? 'open' : met ? 'met' : 'missed';
}

/** Who has no row, a line for each reason. */
export function absencesOf(absent: readonly Absence[]): string[] {
  const reasons = new Map<string, Absence[]>();
  for (const each of absent) reasons.set(each.why, [...(reasons.get(each.why) ?? []), each]);
  return [...reasons].map(([why, all]) => {
    const rivals = all.map(({ rival }) => rival).join('; ');
    return `${all.some(({ fault }) => fault) ? 'not shown' : 'missing'}: ${rivals}: ${why}`;
  });
}

/** The machine in one line. */
export function machineOf({ processor, processors, architecture, memoryGiB, kernel, distribution }: Machine): string {
  return `${processors} × ${processor} (${architecture}), ${memoryGiB} GiB, Linux ${kernel}, ${distribution}`;
}

/** How the run was made, in one sentence. */
export function methodOf({ effort: { rounds, warming, milliseconds, blocks } }: Report): string {
  return (
    `Medians of ${rounds} alternating rounds of ${milliseconds} ms a measurement; ratios are taken within each round. ` +
    'Wake-ups and CPU of an idle driver are judged by the mean, so that rare ones count. ' +
    'Half of the rounds gave what lies between the two values. A limit shows what there is to reach: the same, done with ' +
    'as little as can be, in the same rounds. ' +
    `Every rival is started anew after ${ROUNDS_A_PROCESS} rounds; those in JavaScript are warmed up for ${warming} ms. ` +
    `The file that is read has ${Math.round(blocks / 256)} MiB.`
  );
}

/** The versions in one line. */
export function versionsOf({ versions }: Machine): string {
  return Object.entries(versions)
    .map(([name, version]) => (name.startsWith('Node.js') ? `Node.js ${version}` : `${name} ${version}`))
    .join(', ');
}

/** How many targets were met. */
export function tallyOf({ cases }: Report): string {
  const verdicts = cases.flatMap((each) => each.verdicts.map(verdictOf));
  const count = (which: string): number => verdicts.filter((verdict) => verdict === which).length;
  const open = count('open');
  return `${count('met')} of ${verdicts.length} targets met, ${count('missed')} missed${open > 0 ? `, ${open} not measured` : ''}`;
}
