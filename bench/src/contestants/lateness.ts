import { setTimeout as timeout } from 'node:timers/promises';
import { PolledTimer } from '@polyring/core';
import { quantilesOf } from '../sample.js';
import { driverFor } from './shared/driver-for.js';
import { metered } from './shared/meter.js';
import { answer, told } from './shared/serve.js';

// Sleeps, one after the other, in a process that does nothing else, and how late each was.

const { by, requested, milliseconds } = told<{ by: 'uring' | 'epoll' | 'setTimeout'; requested: number }>();

async function sleeper(): Promise<() => Promise<unknown>> {
  if (by === 'setTimeout') return () => timeout(requested);
  const timer = new PolledTimer(await driverFor(by));
  return () => timer.sleep(requested);
}

const sleep = await sleeper();
/** setTimeout counts whole milliseconds from the time at which its turn of the loop began. */
const mayBeEarlyBy = by === 'setTimeout' ? 1 : 0;

await answer(() =>
  metered(async () => {
    const end = performance.now() + milliseconds;
    const lateness: number[] = [];
    let early = 0;
    for (let before = performance.now(); before < end; before = performance.now()) {
      await sleep();
      const late = performance.now() - before - requested;
      if (late < -mayBeEarlyBy) early += 1;
      lateness.push(Math.max(0, late * 1e3));
    }
    const operations = lateness.length;
    return { operations, errors: early, quantiles: quantilesOf(lateness) };
  }),
);
