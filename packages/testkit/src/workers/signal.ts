import { workerData } from 'node:worker_threads';
import type { RawFd } from '@polyring/core';
import { write } from '@polyring/sys';

/** What the worker is told. */
export interface SignalData {
  /** An eventfd of another thread. */
  readonly fd: RawFd;
  /** How often it is signalled. */
  readonly times: number;
  /** Milliseconds between two signals. None by default: as fast as it goes. */
  readonly pause?: number;
}

const { fd, times, pause } = workerData as SignalData;
const one = BigUint64Array.of(1n);
const never = new Int32Array(new SharedArrayBuffer(4));
for (let count = 0; count < times; count += 1) {
  write(fd, one);
  if (pause !== undefined) Atomics.wait(never, 0, 0, pause);
}
