import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { storm } from './storm.test-support.js';

const USAGE = `Usage: npm run test:storm -- [options]

Submits random operations to drivers between which and the kernel things go wrong: interrupted, refused and partial
submissions, completions that come late and in another order, cancels of what has just completed, rings that fail.
Each operation has to settle once, with the result that is its own.

  --operations <n>  how many (1000000)
  --seed <n>        draws the same operations and rates of faults again (random)
  --help`;

const { values } = parseArgs({
  options: {
    operations: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: String(randomInt(2 ** 31)) },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) {
  console.log(USAGE);
} else {
  const start = performance.now();
  console.log(`seed ${values.seed}`);
  const { faults, ...counts } = await storm(Number(values.seed), Number(values.operations));
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(
    Object.entries({ ...counts, ...Object.fromEntries(faults) })
      .map(([name, count]) => `${count} ${name}`)
      .join(', '),
  );
  console.log(`each operation settled once, in ${seconds} s`);
}
