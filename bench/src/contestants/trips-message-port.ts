import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { metered } from './meter.js';
import { answer, told } from './serve.js';
import { trips } from './trips.js';

// Two threads send each other messages through a MessagePort.

if (isMainThread) {
  const { milliseconds } = told();
  const worker = new Worker(new URL(import.meta.url));
  let arrived: (value: number) => void = () => {};
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
  parentPort?.on('message', (value: number) => parentPort?.postMessage(value));
}
