// The worker of ending.mjs: has the kernel hold operations, then ends in the way that it is told.
import { parentPort, workerData } from 'node:worker_threads';
import { uringBackend } from '@polyring/backend-uring';
import { nop } from '@polyring/core';
import { startLoad } from './operations.mjs';

const ENDS = {
  'terminate in a loop': () => {
    parentPort.postMessage('looping');
    for (;;) driver.ioUringSubmit(nop());
  },
  return: () => {
    driver.unref();
    parentPort.close();
  },
  throw: () => {
    throw new Error('the scenario throws');
  },
  'process.exit': () => process.exit(7),
};

const driver = uringBackend.create();
const pipes = await startLoad(workerData, driver);
parentPort.once('message', (how) => ENDS[how]());
parentPort.postMessage(pipes);
