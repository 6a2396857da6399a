import { readFileSync } from 'node:fs';
import { exitOnSignals } from '../../scripts/exit-on-signals.mjs';
import type { Case } from './case.js';
import { CASES, EXTRA_CASES } from './cases/index.js';
import { atLeast, benchCommand } from './command.js';
import { install, isInstalled } from './processes/installed.js';
import { frameOf, markdownOf } from './report/markdown.js';
import { checkOutputs, type Output, writeOutput } from './report/output.js';
import { pageOf, pictureOf } from './report/page.js';
import { PLOT } from './report/plot-library.js';
import type { Report } from './report/report.js';
import { caseText, endingText, headingText } from './report/table.js';
import { hasFaults, run } from './run.js';

/** Fewer rounds than these decide nothing. */
const DECIDING_ROUNDS = 9;
/** Milliseconds. See "Warming up" in bench/NOTES.md. */
const WARMING = 1200;
const DEFAULT_BLOCKS = 262_144;

/** What the command line says. */
interface Options {
  readonly case?: readonly string[];
  readonly list?: true;
  readonly rounds: number;
  readonly milliseconds: number;
  readonly install: boolean;
  readonly from?: string;
  readonly json?: string;
  readonly markdown?: string;
  readonly html?: string;
  readonly svg?: string;
}

const RENDERINGS = {
  json: (report) => `${JSON.stringify(report, null, 1)}\n`,
  markdown: markdownOf,
  html: pageOf,
  svg: pictureOf,
} satisfies Record<string, Output['render']>;

function chosen(names: readonly string[] | undefined): readonly Case[] {
  if (names === undefined) return CASES;
  const all = [...CASES, ...EXTRA_CASES];
  const wanted = new Set(names.flatMap((name) => named(name, all)));
  return all.filter((each) => wanted.has(each));
}

/** The case of a name, or those whose names begin so. */
function named(name: string, all: readonly Case[]): readonly Case[] {
  const exact = all.filter((each) => each.name === name);
  const found = exact.length > 0 ? exact : all.filter((each) => name !== '' && each.name.startsWith(name));
  if (found.length === 0) program.error(`error: no case begins with "${name}"; --list names them`, { exitCode: 2 });
  return found;
}

function list(cases: readonly Case[]): void {
  const width = Math.max(...cases.map(({ name }) => name.length));
  for (const { name, title } of cases) console.log(`${name.padEnd(width)}  ${title}`);
}

/** Prints the results of an earlier run and returns them. What cannot be printed is something else. */
function reread(path: string): Report {
  try {
    const report = JSON.parse(readFileSync(path, 'utf8')) as Report;
    const text = [headingText(report), ...report.cases.map(caseText), endingText(report)].join('\n');
    if (report.cases.length > 0) {
      console.log(text);
      return report;
    }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== undefined) refuseResults(`${path} cannot be read: ${message}`);
  }
  return refuseResults(`${path} has no results of this command`);
}

function refuseResults(trouble: string): never {
  return program.error(`error: ${trouble}; --from takes what --json wrote`, { exitCode: 2 });
}

/** Refuses what says how to measure where nothing is measured. */
function refuseMeasuring(): void {
  for (const name of ['case', 'rounds', 'milliseconds']) {
    if (program.getOptionValueSource(name) !== 'cli') continue;
    program.error(
      `error: --from takes the results as they were measured, without --${name}; leave one of the two out`,
      {
        exitCode: 2,
      },
    );
  }
}

/** Refuses what could not be written after the run. */
function refuseUnwritable({ markdown }: Options, outputs: readonly Output[]): void {
  try {
    if (markdown !== undefined) frameOf(markdown);
    checkOutputs(outputs);
  } catch (error) {
    program.error(`error: the results cannot be written: ${(error as Error).message}`, { exitCode: 2 });
  }
}

/** Writes all that can be written. */
async function write(outputs: readonly Output[], report: Report): Promise<void> {
  for (const { path, render } of outputs) {
    try {
      writeOutput(path, await render(report, path));
    } catch (error) {
      console.error(`error: ${path} could not be written: ${(error as Error).message}`);
      process.exitCode = 1;
    }
  }
}

/** Sees to what only the benchmark needs. Without it, rivals are missing, and nothing can be drawn. */
function prepare({ install: mayInstall, html, svg }: Options): void {
  if (isInstalled(PLOT)) return;
  if (mayInstall) {
    console.error('Installing the rivals into bench/installed; --no-install leaves them out.');
    if (install()) return;
    console.error('The rivals could not be installed and are left out.');
  }
  if ((html ?? svg) !== undefined)
    program.error('error: Observable Plot draws the plots and is not installed; npm run bench:install does', {
      exitCode: 2,
    });
}

async function main(options: Options): Promise<void> {
  const cases = chosen(options.case);
  if (options.list === true) {
    list(options.case === undefined ? [...CASES, ...EXTRA_CASES] : cases);
    return;
  }
  const { rounds, milliseconds, from } = options;
  const outputs = Object.entries(RENDERINGS).flatMap(([name, render]) => {
    const path = options[name as keyof typeof RENDERINGS];
    return path === undefined ? [] : [{ path, render }];
  });
  if (from !== undefined) refuseMeasuring();
  refuseUnwritable(options, outputs);
  const earlier = from === undefined ? undefined : reread(from);
  prepare(options);
  if (earlier === undefined && rounds < DECIDING_ROUNDS)
    console.error(`Fewer than ${DECIDING_ROUNDS} rounds decide nothing.`);
  const report = earlier ?? (await run(cases, { rounds, warming: WARMING, milliseconds, blocks: DEFAULT_BLOCKS }));
  await write(outputs, report);
  if (hasFaults(report)) process.exitCode = 1;
}

const program = benchCommand(
  'npm run bench --',
  'Measures Polyring beside its alternatives, in interleaved rounds on this machine, and prints ratios with the targets ' +
    'that were met and missed. The exit code is 1 if results were wrong or could not be written, and 2 for a wrong command line.',
)
  .option(
    '--case <name...>',
    'only the case of this name, or those whose names begin so; those of custody and transfer run only when they are named',
  )
  .option('--list', 'list the cases and run nothing')
  .option('--rounds <n>', `rounds; fewer than ${DECIDING_ROUNDS} decide nothing`, atLeast(1), DECIDING_ROUNDS)
  .option('--milliseconds <n>', 'length of one measurement', atLeast(10), 400)
  .option('--no-install', 'leave rivals out that are not installed')
  .option('--from <file>', 'measure nothing: take the results from what --json wrote')
  .option('--json <file>', 'write the results as JSON')
  .option(
    '--markdown <file>',
    'write a line for each target as Markdown, into a new file, or into one with its marks between these',
  )
  .option('--html <file>', 'write one page with tables and plots')
  .option('--svg <file>', 'write the picture that README shows');

exitOnSignals();
await program.action((options: Options) => main(options)).parseAsync();
