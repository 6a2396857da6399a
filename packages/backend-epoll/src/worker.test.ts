import { closeSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { openDescriptors } from '@polyring/test-support';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const INDEX = new URL('./index.js', import.meta.url).href;
const SYS = import.meta.resolve('@polyring/sys');
const CORE = import.meta.resolve('@polyring/core');

/** Drivers whose objects of every kind are pending, and one whose wakers run all the time. */
const DRIVERS = `
  import { parentPort } from 'node:worker_threads';
  import { after } from ${JSON.stringify(CORE)};
  import { eventfd } from ${JSON.stringify(SYS)};
  import { epollBackend } from ${JSON.stringify(INDEX)};
  const fds = [];
  const open = (initial) => { const fd = eventfd(initial); fds.push(fd); return fd; };
  const pending = () => {};
  for (let i = 0; i < 3; i += 1) {
    const driver = epollBackend.create();
    driver.newDynFdReady(open(0)).pollFdReady(pending, 0, 1);
    driver.newDynWait(open(0), 8).pollWait(pending);
    driver.newDynTimer().pollTimer(pending, after(60000));
  }
  const driver = epollBackend.create();
  const busy = driver.newDynFdReady(open(1));
  let wakes = 0;
  const waker = () => {
    wakes += 1;
    busy.clearFdReady(0);
    busy.pollFdReady(waker, 0, 1);
    Promise.resolve().then(() => { wakes += 0; });
    if (wakes === 100) parentPort.postMessage(fds);
    if (wakes >= 100) end?.();
  };
  busy.pollFdReady(waker, 0, 1);
`;

const ENDS = {
  'is terminated': '',
  'throws in a waker': `throw new Error('from the worker');`,
  'calls process.exit in a waker': 'process.exit(3);',
  'calls process.exit in a promise of a waker': 'Promise.resolve().then(() => process.exit(3));',
  'calls process.exit while a driver closes': 'driver.close(); process.exit(3);',
};

/** Runs a worker to its end and gives back the descriptors that it opened by itself. */
async function run(how: string, end: string): Promise<number[]> {
  const source = `${DRIVERS} const end = ${end === '' ? 'undefined' : `() => { ${end} }`};`;
  const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(source)}`));
  worker.on('error', (error) => {
    if (how !== 'throws in a waker') throw error;
  });
  const exited = new Promise((resolve) => worker.once('exit', resolve));
  const fds = await new Promise<number[]>((resolve) => worker.once('message', resolve));
  if (how === 'is terminated') await worker.terminate();
  await exited;
  return fds;
}

for (const [how, end] of Object.entries(ENDS)) {
  test(`a worker that ${how} leaves nothing of its drivers open`, async () => {
    const settle = async () => {
      for (const fd of await run(how, end)) closeSync(fd);
    };
    await settle();
    const before = openDescriptors();
    for (let round = 0; round < 3; round += 1) await settle();
    assert.is(openDescriptors(), before);
  });
}

test.run();
