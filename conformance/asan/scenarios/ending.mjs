// ending.mjs <load> <ending> [storm]: an environment ends while the kernel holds its operations. In a storm somebody
// writes all the time, so that they complete at any moment of the ending; without one none does before it is over.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { constants } from 'node:os';
import { Worker } from 'node:worker_threads';
import { uringBackend } from '@polyring/backend-uring';
import { nop } from '@polyring/core';
import { tryRead, write } from '@polyring/sys';
import { createDriverOver } from '../../../packages/backend-uring/dist/driver.js';
import { interceptedBinding } from '../../../packages/backend-uring/dist/kernel/intercepted-binding.test-support.js';
import { markHeld, Storm, say } from './instruments.mjs';
import { COUNT, startLoad } from './operations.mjs';

const [load, ending, weather] = process.argv.slice(2);
const ONE = BigUint64Array.of(1n);

/** How main ends, with a live worker or with a driver of its own. */
const MAIN_ENDS = {
  returns: () => {},
  'process.exit': () => process.exit(3),
  throws: () => {
    throw new Error('the scenario throws');
  },
};

const [who, ...how] = ending.split(' ');
if (who === 'worker') await endWorker(how.join(' '));
else if (who === 'main') await endMain(how.join(' '));
else await endOwn(how.join(' '));

/** A worker ends; main sees that the kernel takes nothing more for it. */
async function endWorker(how) {
  const { worker, pipes } = await startWorker();
  await markHeld(COUNT);
  const calm = writeOver(pipes);
  const code = await endedWorker(worker, how);
  calm();
  const expected = { terminate: 1, 'terminate in a loop': 1, return: 0, throw: 1, 'process.exit': 7 }[how];
  if (code !== expected) throw new Error(`the worker ended with ${code}, not ${expected}`);
  checkUnread(pipes);
  say('ended');
}

/** Writes late, and throws if anybody but main reads it. */
function checkUnread(pipes) {
  for (const [readFd, writeFd] of pipes) {
    drain(readFd);
    write(writeFd, ONE);
  }
  for (const [readFd] of pipes) {
    if (drain(readFd) !== 8) throw new Error(`somebody else reads descriptor ${readFd}`);
  }
}

async function endedWorker(worker, how) {
  worker.on('error', (error) => {
    if (how !== 'throw' || error.message !== 'the scenario throws') throw error;
  });
  // Not once(), which an error event would reject.
  const exit = new Promise((resolve) => worker.once('exit', resolve));
  if (how === 'terminate') {
    worker.terminate();
  } else {
    worker.postMessage(how);
    if (how === 'terminate in a loop') {
      await once(worker, 'message');
      worker.terminate();
    }
  }
  return exit;
}

/** Main ends while a worker lives. */
async function endMain(how) {
  const { worker, pipes } = await startWorker();
  await markHeld(COUNT);
  worker.unref();
  writeOver(pipes);
  say('ended');
  MAIN_ENDS[how]();
}

/** Main ends, with the driver in main itself. */
async function endOwn(how) {
  let broken = false;
  const binding = interceptedBinding(({ toSubmit }, enter) => (broken ? -constants.errno.EBADF : enter(toSubmit)));
  const driver = how === 'failure' ? createDriverOver(binding) : uringBackend.create();
  const pipes = await startLoad(load, driver);
  if (how === 'close') return closeOwn(driver, pipes);
  if (how === 'failure') {
    await markHeld(COUNT);
    broken = true;
    await assert.rejects(driver.ioUringSubmit(nop()), { code: 'ERR_POLYRING_RING_FAILED' });
    await driver.close();
    checkUnread(pipes);
    say('ended');
    return;
  }
  await markHeld(COUNT);
  driver.unref();
  writeOver(pipes);
  say('ended');
  MAIN_ENDS[how]();
}

/** The driver is closed, and the process goes on. */
async function closeOwn(driver, pipes) {
  await markHeld(COUNT);
  const calm = writeOver(pipes);
  await driver.close();
  calm();
  checkUnread(pipes);
  say('ended');
}

async function startWorker() {
  const worker = new Worker(new URL('./ending-worker.mjs', import.meta.url), { workerData: load });
  const [pipes] = await Promise.race([
    once(worker, 'message'),
    once(worker, 'exit').then(([code]) => Promise.reject(new Error(`the worker ended early, with ${code}`))),
  ]);
  return { worker, pipes };
}

/** Has a storm write until the function that it returns is called, if ever. */
function writeOver(pipes) {
  if (weather !== 'storm') return () => {};
  globalThis.storm = new Storm(Int32Array.from(pipes, ([, fd]) => fd));
  return () => globalThis.storm.stop();
}

/** Reads until nothing is left: how many bytes there were. */
function drain(fd) {
  const bytes = new Uint8Array(65_536);
  let total = 0;
  for (;;) {
    const count = tryRead(fd, bytes);
    if (count <= 0) return total;
    total += count;
  }
}
