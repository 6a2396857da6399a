import { parentPort, workerData } from 'node:worker_threads';
import { after, InterestSlot, Pending, PollEvents, type RawFd, read } from '@polyring/core';
import { loadSubject } from '../subject.js';

/** What the worker is told. The descriptors are the parent's, as a worker's own would outlive it. */
export interface InFlightData {
  readonly subject: string;
  /** Blocking pipes to read from. */
  readonly pipes: readonly RawFd[];
  /** Eventfds to wait on. */
  readonly waits: readonly RawFd[];
  /** Eventfds to watch. */
  readonly watches: readonly RawFd[];
  /** An eventfd whose readiness lets the worker end as `ending` says. */
  readonly trigger: RawFd;
  readonly ending: 'terminate' | 'throw' | 'exit' | 'unref' | 'close';
}

const { subject, pipes, waits, watches, trigger, ending } = workerData as InFlightData;
const { factory } = await loadSubject(subject);
const driver = factory.create();
const ignore = (): void => {};
const kept: unknown[] = [];

if (driver.supports.ioUring) {
  for (const fd of pipes) driver.ioUringSubmit(read(fd, Buffer.alloc(4096))).catch(ignore);
  const memory = driver.allocate(4096);
  for (const fd of pipes) driver.ioUringSubmit(read(fd, memory.bytes)).catch(ignore);
}
for (const fd of waits) {
  const wait = driver.newDynWait(fd, 8);
  wait.pollWait(ignore);
  kept.push(wait);
}
for (const fd of watches) {
  const readiness = driver.newDynFdReady(fd);
  readiness.pollFdReady(ignore, InterestSlot.Read, PollEvents.IN);
  kept.push(readiness);
}
const timer = driver.newDynTimer();
timer.pollTimer(ignore, after(3_600_000));
const triggered = driver.newDynFdReady(trigger);
end();
setImmediate(() => parentPort?.postMessage('in flight'));

function end(): void {
  if (triggered.pollFdReady(end, InterestSlot.Read, PollEvents.IN) === Pending) return;
  kept.length = 0;
  if (ending === 'throw') throw new Error('thrown by a waker');
  if (ending === 'exit') process.exit(3);
  if (ending === 'unref') driver.unref();
  if (ending === 'close') void driver.close();
}
