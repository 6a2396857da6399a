import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { takeOwnProcessor } from './shared/own-processor.js';
import { told } from './shared/serve.js';
import { SignalTrips } from './shared/trips.js';

// Two threads send each other messages through a MessagePort, on a processor each.

if (isMainThread) {
  const { milliseconds } = told();
  const worker = new Worker(new URL(import.meta.url));
  const trips = new SignalTrips();
  takeOwnProcessor(0);
  worker.on('message', trips.arrived);
  await trips.answer(milliseconds, (value) => worker.postMessage(value));
} else {
  takeOwnProcessor(1);
  parentPort?.on('message', (value: number) => parentPort?.postMessage(value));
}
