import { workerData } from 'node:worker_threads';
import type { RemoteHandle } from '@polyring/core';
import { loadSubject } from '../subject.js';

/** What the worker is told. */
export interface WakeData {
  /** The module of the backend. */
  readonly subject: string;
  /** An inbox of another thread. */
  readonly handle: RemoteHandle;
  /** How many values it sends, from 0. */
  readonly count: number;
}

const { subject, handle, count } = workerData as WakeData;
const driver = (await loadSubject(subject)).factory.create();
const remote = driver.ioUring.remote(handle);
for (let value = 0; value < count; value += 100) {
  const some = Array.from({ length: Math.min(100, count - value) }, (_, index) => remote.wake(value + index));
  await Promise.all(some);
}
await driver.close();
