import { exitOnSignals } from '../../../scripts/exit-on-signals.mjs';
import { bases } from '../bases.js';
import type { Mutant } from '../mutants/mutant.js';
import { Controls } from './controls.js';
import { isConvicted } from './conviction.js';
import { DriverTrials } from './driver-trials.js';
import { inParallel } from './in-parallel.js';
import { type MutationOptions, mutationCommand } from './mutation-command.js';
import { ruleOf, tableErrors } from './table.js';

interface Options extends MutationOptions {
  readonly list: boolean;
}

const program = mutationCommand(
  'npm run test:mutants --',
  'Runs each broken driver on the rules that must convict it. A mutant passes if each of them fails on it and passes on ' +
    'its unbroken base. The table itself fails if a required rule has no mutant.',
)
  .option('--list', 'list the broken drivers, what they do wrong and what must convict them, and run nothing', false)
  .addHelpText('after', '\nExit codes: 0 all were convicted, 1 one was not, 2 wrong usage.')
  .parse();

const [chosen] = program.processedArgs as [readonly Mutant[]];
const { concurrency, timeScale: patience, list } = program.opts<Options>();
const totals = { passed: 0, failed: 0, skipped: 0 };

if (list) for (const mutant of chosen) tell(mutant);
else await run();

function tell({ name, fault, base, convictedBy }: Mutant): void {
  console.log(`${name} (${base}): ${fault}\n  ${convictedBy.join(', ')}`);
}

async function run(): Promise<void> {
  exitOnSignals();
  using controls = new Controls(patience);
  for (const error of tableErrors()) report('failed', 'the table', error);
  const runnable = chosen.filter(isRunnable);
  await inParallel(runnable, concurrency, (mutant) => judge(mutant, controls));
  const { passed, failed, skipped } = totals;
  console.log(`${passed} passed, ${failed} failed${skipped === 0 ? '' : `, ${skipped} skipped`}`);
  process.exitCode = failed > 0 ? 1 : 0;
}

async function judge({ name, base, convictedBy }: Mutant, controls: Controls): Promise<void> {
  const started = performance.now();
  const findings: string[] = [];
  const complaints: string[] = [];
  using trials = new DriverTrials(`mutant=${name}`, patience);
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
