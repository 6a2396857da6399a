import { fileURLToPath } from 'node:url';
import { rules } from '@polyring/testkit';
import { exitOnSignals } from '../../../scripts/exit-on-signals.mjs';
import { type BaseName, bases } from '../bases.js';
import type { Mutant } from '../mutants/mutant.js';
import { Controls } from './controls.js';
import { isConvicted } from './conviction.js';
import { DriverTrials } from './driver-trials.js';
import { inParallel } from './in-parallel.js';
import { MatrixFile } from './matrix-file.js';
import { type MutationOptions, mutationCommand } from './mutation-command.js';

interface Options extends MutationOptions {
  readonly resume: boolean;
}

const program = mutationCommand(
  'npm run test:mutants:all --',
  'Runs the whole kit on each broken driver, and writes which rules convict it to conformance/mutants.md.',
)
  .option('--resume', 'leave out the drivers that have a row in the file, after a run that was interrupted', false)
  .addHelpText(
    'after',
    '\nExit codes: 0 done, 1 a rule fails on an unbroken driver, or one that must convict does not, 2 wrong usage.',
  )
  .parse();

const [named] = program.processedArgs as [readonly Mutant[]];
const { concurrency, timeScale: patience, resume } = program.opts<Options>();
const file = new MatrixFile(fileURLToPath(new URL('../../mutants.md', import.meta.url)));

exitOnSignals();
await run();

async function run(): Promise<void> {
  const chosen = named.filter(({ name, base }) => bases[base].availability().available && !(resume && file.has(name)));
  using controls = new Controls(patience);
  for (const base of new Set(chosen.map((mutant) => mutant.base))) await control(base, controls);
  await inParallel(chosen, concurrency, (mutant) => judge(mutant, controls));
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
  using trials = new DriverTrials(`mutant=${name}`, patience);
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
