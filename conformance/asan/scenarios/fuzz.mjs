// fuzz.mjs <seconds> [seed]: random programs of random entries through the public API. Whatever they do, nothing
// crashes or hangs, every promise settles and every driver ends. The seed draws the same programs again.
import { spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { BUILDERS, programs } from './fuzz/arbitraries.mjs';
import { run } from './fuzz/world.mjs';
import { checkInstrumented, say } from './instruments.mjs';

const [seconds, seed = randomInt(2 ** 31)] = process.argv.slice(2).map(Number);
const folder = mkdtempSync(path.join(tmpdir(), 'polyring-fuzz-'));
let count = 0;
let submissions = 0;
let running;

say(`seed ${seed}`);
try {
  await fc.assert(
    fc.asyncProperty(programs, async (program) => {
      running = run(program, folder);
      await running;
      if (count === 0) checkInstrumented();
      count += 1;
      submissions += program.steps.filter((step) => 'entry' in step).length;
    }),
    { seed, numRuns: 1e9, interruptAfterTimeLimit: seconds * 1000 },
  );
  // When the time is up nobody waits for the program that runs, whose paths start in its folder.
  await running;
  say(`${count} programs, ${submissions} entries of ${BUILDERS.length} builders and of raw fields`);
  say('ended');
} finally {
  spawnSync('rm', ['-rf', folder], { env: { PATH: process.env.PATH } });
}
