import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { LoopWatch } from '@polyring/sys';
import { BareRing } from './shared/bare-ring.js';
import { takeOwnProcessor } from './shared/own-processor.js';
import { told } from './shared/serve.js';
import { SignalTrips } from './shared/trips.js';

// The limit of two threads in JavaScript that wake each other by MSG_RING: each ring's descriptor is watched on the loop, and
// nothing stands between its callback and the queues. On a processor each.

/** MSG_RING, IOSQE_CQE_SKIP_SUCCESS. */
const MSG_RING = 40 | (1 << (8 + 6));
/** In the `user_data` of a message to the other ring, whose failure alone completes. */
const FAILED = 1;

/** Calls back with each value that the other thread sends. */
function eachValue(ring: BareRing, callback: (value: number) => void): void {
  const take = (userData: number, result: number): void => {
    if (userData === FAILED) throw new Error(`MSG_RING failed: ${result}`);
    callback(result);
  };
  new LoopWatch(ring.native.fd, () => {
    ring.reap(1, take);
  }).hold();
}

function signal(ring: BareRing, theirs: number, value: number): void {
  ring.push(MSG_RING, theirs, 0, value, 0, FAILED);
  if (!ring.submit()) throw new Error('The kernel did not take everything');
}

async function measureTrips(milliseconds: number): Promise<void> {
  const ring = await BareRing.open(8, 16);
  const worker = new Worker(new URL(import.meta.url), { workerData: { theirs: ring.native.fd } });
  const theirs = await new Promise<number>((resolve) => {
    worker.once('message', resolve);
  });
  const trips = new SignalTrips();
  eachValue(ring, trips.arrived);
  takeOwnProcessor(0);
  await trips.answer(milliseconds, (value) => signal(ring, theirs, value));
}

async function answerTrips(theirs: number): Promise<void> {
  const ring = await BareRing.open(8, 16);
  takeOwnProcessor(1);
  eachValue(ring, (value) => signal(ring, theirs, value));
  parentPort?.postMessage(ring.native.fd);
}

if (isMainThread) await measureTrips(told().milliseconds);
else await answerTrips((workerData as { readonly theirs: number }).theirs);
