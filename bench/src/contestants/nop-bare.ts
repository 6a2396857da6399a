import { BareLanes } from './shared/bare-lanes.js';
import { BareRing } from './shared/bare-ring.js';
import { Countdown, type Findings, inFlight, metered } from './shared/meter.js';
import { answer, told } from './shared/serve.js';

// Operations that do nothing, by what writes SQEs and reads CQEs and does nothing else: no entry, no slot, no memory. A
// loop is what the ring gives to JavaScript; with a promise for each, awaited by lanes as those of a driver are, it is
// the limit for a driver.

const NOP = 0;

const { depth, promises, milliseconds } = told<{ depth: number; promises: boolean }>();
const ring = await BareRing.open(1024, 2048);
const all = new BareLanes(ring);

function loop(): Findings {
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

async function lanes(): Promise<Findings> {
  let errors = 0;
  const operations = await inFlight(depth, milliseconds, async (lane, more) => {
    while (more()) {
      ring.push(NOP, 0, 0, 0, 0, lane);
      if ((await all.end(lane)) !== 0) errors += 1;
    }
  });
  return { operations, errors };
}

await answer(() => metered(promises ? lanes : loop));
