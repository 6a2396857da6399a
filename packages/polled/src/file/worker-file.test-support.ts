/* A worker that closes a file by the descriptor that it is given, gives one of its own away, and ends when told to. */
import { parentPort, workerData } from 'node:worker_threads';
import { createBackendDriver } from '../grid.test-support.js';
import { PolledFile } from './polled-file.js';

const { backend, path, given } = workerData as { backend: string; path: string; given: number };
const driver = await createBackendDriver(backend);
// Whoever closes for `node:fs` what that has not opened is warned.
process.on('warning', ({ message }) => parentPort?.postMessage({ warning: message }));
await new PolledFile(driver, given).close();
const file = await PolledFile.open(driver, path);
parentPort?.once('message', () => driver.close());
parentPort?.postMessage({ fd: file.intoFd() });
