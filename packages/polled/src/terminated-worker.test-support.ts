/* A worker that has one of each polled object open when it is terminated. Its data is the name of a backend. */
import { parentPort, workerData } from 'node:worker_threads';
import { PolledChild } from './child/polled-child.js';
import { PolledFile } from './file/polled-file.js';
import { createBackendDriver } from './grid.test-support.js';
import { PolledPipe } from './pipe/polled-pipe.js';
import { PolledListener } from './socket/polled-listener.js';
import { PolledSocket } from './socket/polled-socket.js';
import { PolledWatch } from './watch/polled-watch.js';

const driver = await createBackendDriver(workerData as string);
const listener = PolledListener.listen(driver, { address: '127.0.0.1', port: 0 });
const [client, server] = await Promise.all([PolledSocket.connect(driver, listener.localAddress), listener.accept()]);
const open = [
  listener,
  client,
  server,
  PolledSocket.open(driver, 'ipv4', { type: 'dgram' }),
  ...PolledSocket.pair(driver),
  ...PolledPipe.pair(driver),
  await PolledFile.open(driver, '/dev/zero'),
  new PolledWatch(driver, '/tmp'),
  new PolledChild(driver, process.ppid),
];
// A read that a ring does, so that the kernel holds the socket too.
server.read(Buffer.alloc(8)).catch(() => {});
parentPort?.postMessage(open.length);
