import { Worker } from 'node:worker_threads';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { close } from '../descriptors/close.js';
import { eventfd } from '../events/eventfd.js';
import { write } from '../files/read-write.js';
import { PRELUDE } from '../run-script.test-support.js';

const ROUNDS = 10;

/** A worker whose module has this package as `sys`, `parentPort` and `workerData`. */
function startWorker(body: string, workerData?: unknown): Worker {
  const prelude = `${PRELUDE} import { parentPort, workerData } from 'node:worker_threads';`;
  return new Worker(new URL(`data:text/javascript,${encodeURIComponent(prelude + body)}`), { workerData });
}

function message(worker: Worker): Promise<unknown> {
  return new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
}

function exit(worker: Worker): Promise<number> {
  return new Promise((resolve) => worker.once('exit', resolve));
}

/** Watches that are idle, ready in every turn, closed, and being closed while the environment ends. */
const WATCHES = `
  let events = 0;
  const watches = [];
  const start = (initial, callback) => {
    const watch = new sys.LoopWatch(sys.eventfd(initial), callback);
    watch.hold();
    watches.push(watch);
    return watch;
  };
  for (let i = 0; i < 5; i += 1) start(0, () => {});
  start(0, () => {}).close();
`;

test('terminating a worker that is in its callbacks ends it cleanly', async () => {
  for (let round = 0; round < ROUNDS; round += 1) {
    const worker = startWorker(`${WATCHES}
      start(1, () => {
        if (events++ === 3) parentPort.postMessage('running');
        Promise.resolve().then(() => { events += 0; });
      });
    `);
    await message(worker);
    assert.is(await worker.terminate(), 1);
  }
});

test('terminating a worker that never leaves a callback ends it cleanly', async () => {
  for (let round = 0; round < ROUNDS; round += 1) {
    const worker = startWorker(`${WATCHES}
      start(1, () => {
        parentPort.postMessage('running');
        for (;;) events += 1;
      });
    `);
    await message(worker);
    assert.is(await worker.terminate(), 1);
  }
});

test('terminating a worker that is blocked in its loop ends it cleanly', async () => {
  for (let round = 0; round < ROUNDS; round += 1) {
    const worker = startWorker(`${WATCHES} parentPort.postMessage('running');`);
    await message(worker);
    assert.is(await worker.terminate(), 1);
  }
});

test('process.exit in a worker ends it cleanly, in a callback and outside, with a close under way', async () => {
  for (let round = 0; round < ROUNDS; round += 1) {
    assert.is(await exit(startWorker(`${WATCHES} start(1, () => process.exit(5));`)), 5);
    assert.is(await exit(startWorker(`${WATCHES} start(1, () => {}).close(); process.exit(6);`)), 6);
    const closing = `${WATCHES} const last = start(1, () => { last.close(); process.exit(7); });`;
    assert.is(await exit(startWorker(closing)), 7);
  }
});

test('a worker that throws ends cleanly with the error, in a callback and outside', async () => {
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const last of [
      `start(1, () => { throw new Error('from the worker'); });`,
      `throw new Error('from the worker');`,
    ]) {
      const worker = startWorker(WATCHES + last);
      const error = new Promise<Error>((resolve) => worker.once('error', resolve));
      const code = exit(worker);
      assert.is((await error).message, 'from the worker');
      assert.is(await code, 1);
    }
  }
});

test('an idle watch lets its worker end, a held one keeps it until the event', async () => {
  assert.is(await exit(startWorker(`new sys.LoopWatch(sys.eventfd(), () => {});`)), 0);
  const fd = eventfd();
  const worker = startWorker(
    `
    const watch = new sys.LoopWatch(workerData, () => {
      parentPort.postMessage('event');
      watch.release();
      watch.close();
    });
    watch.hold();
    parentPort.postMessage('running');
  `,
    fd,
  );
  const code = exit(worker);
  assert.is(await message(worker), 'running');
  const event = message(worker);
  write(fd, BigUint64Array.of(1n));
  assert.is(await event, 'event');
  assert.is(await code, 0);
  close(fd);
});

test('workers that use the package at the same time do not disturb each other', async () => {
  const workers = Array.from({ length: 4 }, () =>
    startWorker(`
      const fd = sys.eventfd(1);
      let turns = 0;
      const watch = new sys.LoopWatch(fd, () => {
        if ((turns += 1) < 1000) return;
        watch.close();
        parentPort.postMessage(turns);
      });
      watch.hold();
    `),
  );
  const codes = Promise.all(workers.map(exit));
  assert.equal(await Promise.all(workers.map(message)), [1000, 1000, 1000, 1000]);
  assert.equal(await codes, [0, 0, 0, 0]);
});

test.run();
