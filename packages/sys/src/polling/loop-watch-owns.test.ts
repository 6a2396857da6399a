import { Worker } from 'node:worker_threads';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { close } from '../descriptors/close.js';
import { fcntlGetFlags } from '../descriptors/status-flags.js';
import { eventfd } from '../events/eventfd.js';
import { PRELUDE } from '../run-script.test-support.js';
import { LoopWatch } from './loop-watch.js';

function isOpen(fd: number): boolean {
  try {
    fcntlGetFlags(fd);
    return true;
  } catch {
    return false;
  }
}

test('closing a watch closes what it owns, once, and nothing else', () => {
  const [watched, owned, other] = [eventfd(), eventfd(), eventfd()];
  const watch = new LoopWatch(watched, () => {}, { owns: [watched, owned] });
  watch.close();
  assert.equal([watched, owned, other].map(isOpen), [false, false, true]);
  const reused = eventfd();
  watch.close();
  assert.ok(isOpen(reused));
  for (const fd of [reused, other]) close(fd);
});

test('a watch that owns nothing leaves the watched descriptor open', () => {
  const fd = eventfd();
  new LoopWatch(fd, () => {}).close();
  assert.ok(isOpen(fd));
  close(fd);
});

test('a watch that the loop refuses leaves what it was to own open', () => {
  const fd = eventfd();
  const watch = new LoopWatch(fd, () => {});
  assert.throws(
    () => new LoopWatch(fd, () => {}, { owns: [fd] }),
    (error: { code?: string }) => error.code === 'EEXIST',
  );
  assert.ok(isOpen(fd));
  assert.throws(
    () => new LoopWatch(fd, () => {}, { owns: [-1] }),
    (error: { code?: string }) => error.code === 'ERR_OUT_OF_RANGE',
  );
  watch.close();
  close(fd);
});

for (const [how, end] of [
  ['is terminated', ''],
  ['calls process.exit', `setImmediate(() => process.exit(3));`],
  ['throws', `setImmediate(() => { throw new Error('from the worker'); });`],
]) {
  test(`a worker that ${how} leaves nothing open that a watch owned`, async () => {
    const body = `
      import { parentPort } from 'node:worker_threads';
      const owned = [sys.eventfd(), sys.eventfd()];
      const watch = new sys.LoopWatch(owned[0], () => {}, { owns: owned });
      watch.hold();
      parentPort.postMessage(owned);
      ${end}
    `;
    const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(PRELUDE + body)}`));
    worker.on('error', () => {});
    const exited = new Promise((resolve) => worker.once('exit', resolve));
    const owned = await new Promise<number[]>((resolve) => worker.once('message', resolve));
    if (how === 'is terminated') {
      assert.equal(owned.map(isOpen), [true, true]);
      await worker.terminate();
    }
    await exited;
    assert.equal(owned.map(isOpen), [false, false]);
  });
}

test("what was own of its environment is the watch's alone: the end of the environment leaves the number to who has it by then", async () => {
  const body = `
    import { parentPort } from 'node:worker_threads';
    const fd = sys.eventfd();
    sys.own(fd);
    new sys.LoopWatch(fd, () => {}, { owns: [fd, fd] }).close();
    parentPort.postMessage(fd);
    parentPort.once('message', () => {});
  `;
  const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(PRELUDE + body)}`));
  const exited = new Promise((resolve) => worker.once('exit', resolve));
  const fd = await new Promise<number>((resolve, reject) => worker.once('message', resolve).once('error', reject));
  assert.not.ok(isOpen(fd));
  const taken: number[] = [];
  while (!taken.includes(fd)) taken.push(eventfd());
  worker.postMessage('end');
  await exited;
  for (const each of taken) close(each);
});

test.run();
