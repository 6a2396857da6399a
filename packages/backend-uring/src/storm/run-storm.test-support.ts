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

const { seed, operations } = readOptions();
const start = performance.now();
console.log(`seed ${seed}`);
const { faults, ...counts } = await storm(seed, operations);
const seconds = ((performance.now() - start) / 1000).toFixed(1);
console.log(
  Object.entries({ ...counts, ...Object.fromEntries(faults) })
    .map(([name, count]) => `${count} ${name}`)
    .join(', '),
);
console.log(`each operation settled once, in ${seconds} s`);

function readOptions(): { seed: number; operations: number } {
  try {
    const { values } = parseArgs({
      options: {
        operations: { type: 'string', default: '1000000' },
        seed: { type: 'string', default: String(randomInt(2 ** 31)) },
        help: { type: 'boolean', default: false },
      },
    });
    if (values.help) {
      console.log(USAGE);
      process.exit(0);
    }
    return {
      seed: readInteger('--seed', values.seed, 0),
      operations: readInteger('--operations', values.operations, 1),
    };
  } catch (error) {
    console.error(`test:storm: ${(error as Error).message}`);
    process.exit(2);
  }
}

function readInteger(option: string, text: string, minimum: number): number {
  if (/^\d{1,15}$/.test(text) && Number(text) >= minimum) return Number(text);
  throw new RangeError(`${option} takes an integer of ${minimum} or more, not '${text}'`);
}
