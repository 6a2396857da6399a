import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { rules } from '@polyring/testkit';
import { bases } from '../mutants/bases.js';
import type { BaseName, Mutant } from '../mutants/mutant.js';
import { Controls } from './controls.js';
import { isConvicted } from './conviction.js';
import { DriverTrials } from './driver-trials.js';
import { endOnSignals } from './end-on-signals.js';
import { inParallel } from './in-parallel.js';
import { MatrixFile } from './matrix-file.js';
import { mutantsOf } from './table.js';

const USAGE = `Usage: npm run test:mutants:all -- [options] [mutant ...]

Runs the whole kit on each broken driver, or on those that are named, and writes which rules convict it to
conformance/mutants.md. Ends with 1 if a rule fails on an unbroken driver, or one that must convict does not.

  --lanes <n>       drivers at the same time (2)
  --resume          leave out the drivers that have a row in the file, after a run that was interrupted
  --time-scale <x>  the factor of every time limit, for machines that are slow or busy (1)
  --help`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    lanes: { type: 'string', default: '2' },
    resume: { type: 'boolean', default: false },
    'time-scale': { type: 'string', default: '1' },
    help: { type: 'boolean', default: false },
  },
});
const patience = Number(values['time-scale']);
const file = new MatrixFile(fileURLToPath(new URL('../../mutants.md', import.meta.url)));

if (values.help) console.log(USAGE);
else await run(Number(values.lanes));

async function run(lanes: number): Promise<void> {
  endOnSignals();
  const chosen = mutantsOf(positionals).filter(
    ({ name, base }) => bases[base].availability().available && !(values.resume && file.has(name)),
  );
  using controls = new Controls(patience);
  for (const base of new Set(chosen.map((mutant) => mutant.base))) await control(base, controls);
  await inParallel(chosen, lanes, (mutant) => judge(mutant, controls));
}

/** Runs every rule on an unbroken driver, before anything else keeps the machine busy. */
async function control(base: BaseName, controls: Controls): Promise<void> {
  for (const rule of rules) {
    const { verdict, finding } = await controls.trial(rule, base);
    if (verdict !== 'passed' && verdict !== 'skipped') complain(`${rule.id} ${verdict} on ${base} itself: ${finding}`);
  }
}

/** Runs every rule on a mutant. A rule that its base does not pass here and now convicts nobody. */
async function judge({ name, base, convictedBy }: Mutant, controls: Controls): Promise<void> {
  const started = performance.now();
  const convicting: string[] = [];
  using trials = new DriverTrials(name, patience);
  for (const rule of rules) {
    if ((await controls.trial(rule, base)).verdict !== 'passed') continue;
    if (isConvicted(await trials.try(rule, await controls.mutantLimit(rule, base)))) convicting.push(rule.id);
  }
  file.record(name, convicting);
  for (const id of convictedBy) if (!convicting.includes(id)) complain(`${id} does not convict ${name}`);
  const seconds = Math.round((performance.now() - started) / 1000);
  console.log(`${name} (${seconds} s)  convicted by ${convicting.length} of ${rules.length} rules`);
}

function complain(what: string): void {
  console.log(`FAIL ${what}`);
  process.exitCode = 1;
}
