import { once } from 'node:events';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { PolledWait } from '@polyring/core';
import { eventfd, write } from '@polyring/sys';
import { driverFor } from './shared/driver-for.js';
import { metered } from './shared/meter.js';
import { takeOwnProcessor } from './shared/own-processor.js';
import { answer, told } from './shared/serve.js';
import { trips } from './shared/trips.js';

// Two threads signal each other by two eventfds, each waiting on a driver of its own, on a processor of its own.

interface Ends {
  readonly mine: number;
  readonly theirs: number;
  readonly backend: 'uring' | 'epoll';
  readonly busyPoll?: number | undefined;
}

async function answerTrips({ mine, theirs, backend, busyPoll }: Ends): Promise<void> {
  takeOwnProcessor(1);
  const driver = await driverFor(backend, { busyPoll });
  parentPort?.postMessage('ready');
  for await (const value of new PolledWait(driver, mine, 8)) write(theirs, BigUint64Array.of(value));
}

async function measureTrips({ mine, theirs, backend, busyPoll }: Ends, milliseconds: number): Promise<void> {
  const driver = await driverFor(backend, { busyPoll });
  const ends: Ends = { mine: theirs, theirs: mine, backend, busyPoll };
  await once(new Worker(new URL(import.meta.url), { workerData: ends }), 'message');
  takeOwnProcessor(0);
  const wait = new PolledWait(driver, mine, 8);
  const counter = new BigUint64Array(1);
  await answer(() =>
    metered(() =>
      trips(milliseconds, async (value) => {
        counter[0] = BigInt(value);
        write(theirs, counter);
        return Number(await wait.wait());
      }),
    ),
  );
}

if (isMainThread) {
  const { backend, busyPoll, milliseconds } = told<Pick<Ends, 'backend' | 'busyPoll'>>();
  await measureTrips({ mine: eventfd(), theirs: eventfd(), backend, busyPoll }, milliseconds);
} else {
  await answerTrips(workerData as Ends);
}
