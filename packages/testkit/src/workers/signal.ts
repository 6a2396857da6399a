import { workerData } from 'node:worker_threads';
import type { RawFd } from '@polyring/core';
import { write } from '@polyring/sys';

/** Signals an eventfd of another thread a number of times, as fast as it can, and ends. */
const { fd, times } = workerData as { fd: RawFd; times: number };
const one = BigUint64Array.of(1n);
for (let count = 0; count < times; count += 1) write(fd, one);
