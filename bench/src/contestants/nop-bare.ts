import { BareRing } from './bare-ring.js';
import { Countdown, metered } from './meter.js';
import { answer, told } from './serve.js';

// Operations that do nothing, by a loop that writes SQEs and reads CQEs and does nothing else: no entry, no promise,
// no slot, no memory. It is what the ring gives to JavaScript, and so the limit for a driver.

const NOP = 0;

const { depth, milliseconds } = told<{ depth: number }>();
const ring = await BareRing.open(1024, 2048);

function run(): { operations: number; errors: number } {
  const countdown = new Countdown(milliseconds);
  let operations = 0;
  let errors = 0;
  let expected = 0;
  const take = (userData: number, result: number): void => {
    if (userData !== expected || result !== 0) errors += 1;
    expected += 1;
  };
  while (!countdown.over) {
    for (let i = 0; i < depth; i += 1) ring.push(NOP, 0, 0, 0, 0, i);
    if (!ring.submit()) errors += 1;
    expected = 0;
    operations += ring.reap(depth, take);
  }
  return { operations, errors };
}

await answer(() =>
  metered(() => {
    const { operations, errors } = run();
    return { operations, errors, verified: operations };
  }),
);
