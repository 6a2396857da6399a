import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { write } from '@polyring/sys';
import type { SignalPlan } from './plan.js';

const { eventfd, signals, turn } = workerData as SignalPlan;
const port = parentPort as MessagePort;

// Each signal carries its number, so that a lost or doubled one shows.
for (let number = 1; number <= signals; number += 1) {
  // A notification may come after its turn was seen, and would then end the next wait early.
  while (Atomics.load(turn, 0) < number) Atomics.wait(turn, 0, number - 1);
  if (eventfd === undefined) port.postMessage(number);
  else write(eventfd, BigUint64Array.of(BigInt(number)));
}

// It stays until it is terminated: news of its end could overtake the last signal.
port.ref();
