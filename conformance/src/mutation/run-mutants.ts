import { parseArgs } from 'node:util';
import { bases } from '../mutants/bases.js';
import type { Mutant } from '../mutants/mutant.js';
import { Controls } from './controls.js';
import { isConvicted } from './conviction.js';
import { DriverTrials } from './driver-trials.js';
import { endOnSignals } from './end-on-signals.js';
import { inParallel } from './in-parallel.js';
import { mutantsOf, ruleOf, tableErrors } from './table.js';

const USAGE = `Usage: npm run test:mutants -- [options] [mutant ...]

Runs each broken driver, or those that are named, on the rules that must convict it. A mutant passes if each of them
fails on it and passes on its unbroken base. The table itself fails if a required rule has no mutant.

  --lanes <n>       trials at the same time (2)
  --time-scale <x>  the factor of every time limit, for machines that are slow or busy (1)
  --list            print the mutants, what they do wrong and what must convict them, and run nothing
  --help`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    lanes: { type: 'string', default: '2' },
    'time-scale': { type: 'string', default: '1' },
    list: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
const chosen = mutantsOf(positionals);
const patience = Number(values['time-scale']);
const totals = { passed: 0, failed: 0, skipped: 0 };

if (values.help) console.log(USAGE);
else if (values.list) list();
else await run(Number(values.lanes));

function list(): void {
  for (const { name, fault, base, convictedBy } of chosen) {
    console.log(`${name} (${base}): ${fault}\n  ${convictedBy.join(', ')}`);
  }
}

async function run(lanes: number): Promise<void> {
  endOnSignals();
  using controls = new Controls(patience);
  for (const error of tableErrors()) report('failed', 'the table', error);
  const runnable = chosen.filter(isRunnable);
  await inParallel(runnable, lanes, (mutant) => judge(mutant, controls));
  const { passed, failed, skipped } = totals;
  console.log(`${passed} passed, ${failed} failed${skipped === 0 ? '' : `, ${skipped} skipped`}`);
  process.exitCode = failed > 0 ? 1 : 0;
}

async function judge({ name, base, convictedBy }: Mutant, controls: Controls): Promise<void> {
  const started = performance.now();
  const findings: string[] = [];
  const complaints: string[] = [];
  using trials = new DriverTrials(name, patience);
  for (const id of convictedBy) {
    const control = await controls.trial(ruleOf(id), base);
    if (control.verdict !== 'passed') complaints.push(`${id} ${control.verdict} on ${base} itself: ${control.finding}`);
    const trial = await trials.try(ruleOf(id), await controls.mutantLimit(ruleOf(id), base));
    if (isConvicted(trial)) findings.push(`${id}: ${trial.finding}`);
    else complaints.push(`${id} ${trial.verdict}${trial.finding === '' ? '' : `: ${trial.finding}`}`);
  }
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  if (complaints.length > 0) report('failed', name, complaints.join('; '), seconds);
  else report('passed', name, findings.join('; '), seconds);
}

function isRunnable({ name, base }: Mutant): boolean {
  const availability = bases[base].availability();
  if (!availability.available) report('skipped', name, `${base} cannot be used here: ${availability.reason}`);
  return availability.available;
}

function report(outcome: keyof typeof totals, name: string, told: string, seconds?: string): void {
  totals[outcome] += 1;
  const mark = { passed: 'ok  ', failed: 'FAIL', skipped: 'skip' }[outcome];
  console.log(`${mark} ${name}${seconds === undefined ? '' : ` (${seconds} s)`}  ${told}`);
}
