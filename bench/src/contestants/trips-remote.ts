import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import type { RemoteHandle } from '@polyring/core';
import { driverFor } from './driver-for.js';
import { metered } from './meter.js';
import { answer, told } from './serve.js';
import { trips } from './trips.js';

// Two threads wake each other through their rings, by MSG_RING.

async function answerTrips(theirs: RemoteHandle): Promise<void> {
  const driver = await driverFor('uring');
  const remote = driver.ioUring.remote(theirs);
  const mine = driver.remoteHandle((value) => {
    remote.wake(value).catch(() => process.exit(1));
  });
  parentPort?.postMessage(mine);
}

async function measureTrips(milliseconds: number): Promise<void> {
  const driver = await driverFor('uring');
  let arrived: (value: number) => void = () => {};
  const mine = driver.remoteHandle((value) => arrived(value));
  const worker = new Worker(new URL(import.meta.url), { workerData: mine });
  const theirs = await new Promise<RemoteHandle>((resolve) => {
    worker.once('message', resolve);
  });
  const remote = driver.ioUring.remote(theirs);
  await answer(() =>
    metered(() =>
      trips(
        milliseconds,
        (value) =>
          new Promise((resolve, reject) => {
            arrived = resolve;
            remote.wake(value).catch(reject);
          }),
      ),
    ),
  );
}

if (isMainThread) {
  await measureTrips(told().milliseconds);
} else {
  await answerTrips(workerData as RemoteHandle);
}
