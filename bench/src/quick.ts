import { exitOnSignals } from '../../scripts/exit-on-signals.mjs';
import { CASES } from './cases/index.js';
import { benchCommand } from './command.js';
import { hasFaults, run } from './run.js';
import type { Effort } from './workshop.js';

benchCommand(
  'npm run bench:quick',
  'Measures some cases beside what this Node.js has, in less than a minute. Installs nothing.',
).parse();

const EFFORT: Effort = { rounds: 3, warming: 400, milliseconds: 120, blocks: 65536 };

exitOnSignals();
const cases = CASES.filter(({ quick }) => quick).map((each) => ({
  ...each,
  rivals: each.rivals.filter(({ installed }) => installed !== true),
  targets: each.targets.filter(({ beside }) =>
    each.rivals.every(({ name, installed }) => name !== beside || installed !== true),
  ),
}));
const report = await run(cases, EFFORT);
if (hasFaults(report)) process.exitCode = 1;
