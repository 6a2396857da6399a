import { isMainThread, Worker, workerData } from 'node:worker_threads';
import { eventfd, LoopWatch, tryRead, tryWrite } from '@polyring/sys';
import { takeOwnProcessor } from './shared/own-processor.js';
import { told } from './shared/serve.js';
import { SignalTrips } from './shared/trips.js';

// The limit of two threads in JavaScript that signal each other by two eventfds: each descriptor is watched on the loop, and
// nothing stands between its callback and the system calls. On a processor each.

/** Calls back with each value of an eventfd. */
function eachValue(fd: number, callback: (value: bigint) => void): void {
  const counter = new BigUint64Array(1);
  const watch = new LoopWatch(fd, () => {
    if (tryRead(fd, counter) === 8) callback(counter[0] as bigint);
  });
  watch.hold();
}

function signal(fd: number, counter: BigUint64Array): void {
  if (tryWrite(fd, counter) !== 8) throw new Error('An eventfd took nothing');
}

async function measureTrips(mine: number, theirs: number, milliseconds: number): Promise<void> {
  const counter = new BigUint64Array(1);
  const trips = new SignalTrips();
  eachValue(mine, (value) => trips.arrived(Number(value)));
  await trips.answer(milliseconds, (value) => {
    counter[0] = BigInt(value);
    signal(theirs, counter);
  });
}

if (isMainThread) {
  const { milliseconds } = told();
  const [mine, theirs] = [eventfd(), eventfd()];
  new Worker(new URL(import.meta.url), { workerData: { mine: theirs, theirs: mine } });
  takeOwnProcessor(0);
  await measureTrips(mine, theirs, milliseconds);
} else {
  takeOwnProcessor(1);
  const { mine, theirs } = workerData as { mine: number; theirs: number };
  eachValue(mine, (value) => signal(theirs, BigUint64Array.of(value)));
}
