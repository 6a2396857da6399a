import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { rules } from '@polyring/testkit';
import { bases } from '../mutants/bases.js';
import type { Mutant } from '../mutants/mutant.js';
import { Controls } from './controls.js';
import { isConvicted } from './conviction.js';
import { inParallel } from './in-parallel.js';
import { MatrixFile } from './matrix-file.js';
import { mutantsOf } from './table.js';

const USAGE = `Usage: npm run test:mutants:all -- [options] [mutant ...]

Runs the whole kit on each broken driver, or on those that are named, and writes which rules convict it to
conformance/mutants.md. Without names it runs those that have no row there, so that it can be interrupted.
A driver takes about a minute.

  --lanes <n>       trials at the same time (2)
  --time-scale <x>  the factor of every time limit, for machines that are slow or busy (1)
  --help`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    lanes: { type: 'string', default: '2' },
    'time-scale': { type: 'string', default: '1' },
    help: { type: 'boolean', default: false },
  },
});
const file = new MatrixFile(fileURLToPath(new URL('../../mutants.md', import.meta.url)));
const controls = new Controls(Number(values['time-scale']));

if (values.help) console.log(USAGE);
else for (const mutant of chosen()) await judge(mutant);

function chosen(): readonly Mutant[] {
  const wanted = mutantsOf(positionals).filter(({ name }) => positionals.length > 0 || !file.has(name));
  return wanted.filter(({ base }) => bases[base].availability().available);
}

/** Runs every rule on a mutant. A rule that its base does not pass here and now convicts nobody. */
async function judge({ name, base }: Mutant): Promise<void> {
  const started = performance.now();
  const convicting = new Set<string>();
  await inParallel(rules, Number(values.lanes), async (rule) => {
    const control = await controls.trial(rule, base);
    if (control.verdict === 'failed') console.log(`     ${rule.id} failed on ${base} itself: ${control.finding}`);
    if (control.verdict !== 'passed') return;
    if (isConvicted(await controls.mutantTrial(rule, base, name))) convicting.add(rule.id);
  });
  file.record(
    name,
    rules.map(({ id }) => id).filter((id) => convicting.has(id)),
  );
  const seconds = Math.round((performance.now() - started) / 1000);
  console.log(`${name} (${seconds} s)  convicted by ${convicting.size} of ${rules.length} rules`);
}
