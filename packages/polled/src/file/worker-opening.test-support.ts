/* A worker that says when it waits for the writer of a named pipe that it opens. */
import { readdirSync, readlinkSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { createBackendDriver } from '../grid.test-support.js';
import { PolledFile } from './polled-file.js';

const { backend, path } = workerData as { backend: string; path: string };
const driver = await createBackendDriver(backend);

/** The pipes without a name that this process has. */
function pipes(): number {
  return readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).startsWith('pipe:');
    } catch {
      return false;
    }
  }).length;
}

const before = pipes();
PolledFile.open(driver, path).catch(() => {});
// A writer is looked for by a pipe.
while (pipes() === before) await new Promise(setImmediate);
parentPort?.postMessage('waits');
