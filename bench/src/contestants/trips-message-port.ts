import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { metered } from './meter.js';
import { takeOwnProcessor } from './own-processor.js';
import { answer, told } from './serve.js';
import { trips } from './trips.js';

// Two threads send each other messages through a MessagePort, on a processor each.

if (isMainThread) {
  const { milliseconds } = told();
  const worker = new Worker(new URL(import.meta.url));
  let arrived: (value: number) => void = () => {};
  takeOwnProcessor(0);
  worker.on('message', (value: number) => arrived(value));
  await answer(() =>
    metered(() =>
      trips(
        milliseconds,
        (value) =>
          new Promise((resolve) => {
            arrived = resolve;
            worker.postMessage(value);
          }),
      ),
    ),
  );
} else {
  takeOwnProcessor(1);
  parentPort?.on('message', (value: number) => parentPort?.postMessage(value));
}
