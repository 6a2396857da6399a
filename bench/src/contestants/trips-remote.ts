import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import type { RemoteHandle } from '@polyring/core';
import { driverFor } from './shared/driver-for.js';
import { takeOwnProcessor } from './shared/own-processor.js';
import { told } from './shared/serve.js';
import { SignalTrips } from './shared/trips.js';

// Two threads wake each other through their rings, by MSG_RING, on a processor each.

interface Ends {
  readonly theirs: RemoteHandle;
  readonly busyPoll?: number | undefined;
}

async function answerTrips({ theirs, busyPoll }: Ends): Promise<void> {
  takeOwnProcessor(1);
  const driver = await driverFor('uring', { busyPoll });
  const remote = driver.ioUring.remote(theirs);
  const mine = driver.remoteHandle((value) => {
    remote.wake(value).catch(() => process.exit(1));
  });
  parentPort?.postMessage(mine);
}

async function measureTrips(busyPoll: number | undefined, milliseconds: number): Promise<void> {
  const driver = await driverFor('uring', { busyPoll });
  const trips = new SignalTrips();
  const mine = driver.remoteHandle(trips.arrived);
  const worker = new Worker(new URL(import.meta.url), { workerData: { theirs: mine, busyPoll } });
  const theirs = await new Promise<RemoteHandle>((resolve) => {
    worker.once('message', resolve);
  });
  const remote = driver.ioUring.remote(theirs);
  takeOwnProcessor(0);
  await trips.answer(milliseconds, (value) => {
    remote.wake(value).catch(() => process.exit(1));
  });
}

if (isMainThread) {
  const { busyPoll, milliseconds } = told<Pick<Ends, 'busyPoll'>>();
  await measureTrips(busyPoll, milliseconds);
} else {
  await answerTrips(workerData as Ends);
}
