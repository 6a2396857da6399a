/* A worker that says when it waits for the writer of a named pipe that it opens. */
import { parentPort, workerData } from 'node:worker_threads';
import { openDescriptorsTo } from '@polyring/test-support';
import { createBackendDriver } from '../grid.test-support.js';
import { PolledFile } from './polled-file.js';

const { backend, path } = workerData as { backend: string; path: string };
const driver = await createBackendDriver(backend);

/** The pipes without a name that this process has. */
const pipes = (): number => openDescriptorsTo(/^pipe:/).length;

const before = pipes();
PolledFile.open(driver, path).catch(() => {});
// A writer is looked for by a pipe.
while (pipes() === before) await new Promise(setImmediate);
parentPort?.postMessage('waits');
