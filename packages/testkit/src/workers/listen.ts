import { parentPort, workerData } from 'node:worker_threads';
import { loadSubject } from '../subject.js';

/*
 * A thread that is kept alive by an inbox alone, whose handle it sends. The value 1 disposes of the inbox, whatever
 * else comes is sent back.
 */
const { factory } = await loadSubject((workerData as { subject: string }).subject);
const driver = factory.create();
const inbox = driver.remoteHandle((value) => {
  if (value === 1) inbox[Symbol.dispose]();
  else parentPort?.postMessage(value);
});
parentPort?.postMessage(inbox);
