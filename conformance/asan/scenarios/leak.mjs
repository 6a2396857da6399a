// leak.mjs: drivers come and go, in main and in workers; what the addons allocated has to go as well.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { uringBackend } from '@polyring/backend-uring';
import { collectGarbage, say } from './instruments.mjs';
import { startLoad } from './operations.mjs';

const ROUNDS = 5;

// libuv has rings of its own.
const before = countRings();

for (let round = 0; round < ROUNDS; round += 1) {
  const driver = uringBackend.create();
  await startLoad('pipe reads', driver);
  const worker = new Worker(new URL('./ending-worker.mjs', import.meta.url), { workerData: 'pipe reads' });
  await new Promise((resolve) => worker.once('message', resolve));
  await worker.terminate();
  await driver.close();
}
await collectGarbage();
assert.deepEqual(countRings(), before, 'rings are left behind');
say('ended');

function countRings() {
  const open = readdirSync('/proc/self/fd').filter((fd) => isRing(`/proc/self/fd/${fd}`)).length;
  const mapped = readFileSync('/proc/self/maps', 'utf8').split('[io_uring]').length - 1;
  return { open, mapped };
}

function isRing(link) {
  try {
    return readlinkSync(link).includes('[io_uring]');
  } catch {
    return false;
  }
}
