import { AsyncLocalStorage } from 'node:async_hooks';
import { getEventListeners } from 'node:events';
import { rejectionOf, rejects } from '@polyring/test-support';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Errno } from '../errors/errno.js';
import { systemError } from '../errors/system-error.js';
import { type FakeWait, fakeDriver, isSettled, settled } from '../fake-driver.test-support.js';
import { PolledWait } from './wait.js';

function setup(): { wait: PolledWait; fake: FakeWait; calls: unknown[][] } {
  const { driver, parts } = fakeDriver();
  const wait = new PolledWait(driver, 7, 8);
  return { wait, fake: parts.waits[0] as FakeWait, calls: parts.calls };
}

function abortable(): { signal: AbortSignal; abort: (reason?: unknown) => void } {
  const controller = new AbortController();
  return { signal: controller.signal, abort: (reason) => controller.abort(reason) };
}

test('the descriptor and the size reach the driver', () => {
  assert.equal(setup().calls, [['newWait', 7, 8]]);
});

test('a signal that is there is consumed at once', async () => {
  const { wait, fake } = setup();
  fake.give(5n);
  assert.is(await wait.wait(), 5n);
  assert.is(wait.value, 5n);
});

test('a signal that comes is consumed, and so is the next', async () => {
  const { wait, fake } = setup();
  for (const signal of [1n, 2n]) {
    const waiting = wait.wait();
    assert.not(await isSettled(waiting));
    fake.give(signal);
    assert.is(await waiting, signal);
    assert.is(wait.value, signal);
  }
});

test('nothing is read without a wait', async () => {
  const { wait, fake } = setup();
  fake.give(1n);
  await settled();
  assert.is(fake.polls, 0);
  assert.is(wait.value, 0n);
});

test('waits that overlap queue: each signal goes to one, in order', async () => {
  const { wait, fake } = setup();
  const waits = [wait.wait(), wait.wait(), wait.wait()];
  assert.is(fake.polls, 1);
  fake.give(1n);
  assert.is(await waits[0], 1n);
  assert.not(await isSettled(waits[1] as Promise<bigint>));
  fake.signals.push(2n, 3n);
  fake.waker.wake();
  assert.is(await waits[1], 2n);
  assert.is(await waits[2], 3n);
});

test('the error of a read rejects the first, and the next goes on', async () => {
  const { wait, fake } = setup();
  const first = wait.wait();
  const second = wait.wait();
  fake.failure = systemError(Errno.EIO, 'read');
  fake.waker.wake();
  await rejects(first, 'EIO');
  fake.give(2n);
  assert.is(await second, 2n);
});

test('an aborted wait cancels the read before it rejects, and leaves the signal', async () => {
  const { wait, fake } = setup();
  fake.cancelPends = true;
  const { signal, abort } = abortable();
  const waiting = wait.wait({ signal });
  const reason = new Error('enough');
  abort(reason);
  assert.not(await isSettled(waiting));
  assert.is(fake.cancels, 1);
  fake.endCancel();
  const error = await rejectionOf(waiting);
  assert.is(error.name, 'AbortError');
  assert.is(error.cause, reason);
  fake.give(9n);
  assert.is(await wait.wait(), 9n);
});

test('an aborted wait resolves with the signal that was consumed in the race', async () => {
  const { wait, fake } = setup();
  fake.cancelPends = true;
  const { signal, abort } = abortable();
  const waiting = wait.wait({ signal });
  abort();
  fake.signals.push(6n);
  fake.endCancel();
  assert.is(await waiting, 6n);
  assert.is(wait.value, 6n);
});

test('a wait that is asked for during a cancel starts after it', async () => {
  const { wait, fake } = setup();
  fake.cancelPends = true;
  const { signal, abort } = abortable();
  const aborted = wait.wait({ signal });
  abort();
  const next = wait.wait();
  assert.is(fake.reading, true);
  fake.endCancel();
  await rejects(aborted, 'AbortError');
  assert.is(fake.reading, true);
  fake.give(4n);
  assert.is(await next, 4n);
});

test('the read of an aborted wait goes on for the next in the queue', async () => {
  const { wait, fake } = setup();
  const { signal, abort } = abortable();
  const aborted = wait.wait({ signal });
  const next = wait.wait();
  abort();
  await rejects(aborted, 'AbortError');
  assert.is(fake.cancels, 0);
  assert.is(fake.polls, 1);
  fake.give(4n);
  assert.is(await next, 4n);
});

test('a wait that is aborted while it queues leaves the first alone', async () => {
  const { wait, fake } = setup();
  const { signal, abort } = abortable();
  const first = wait.wait();
  const aborted = wait.wait({ signal });
  abort();
  await rejects(aborted, 'AbortError');
  fake.give(1n);
  assert.is(await first, 1n);
});

test('a signal that aborted before starts nothing', async () => {
  const { wait, fake } = setup();
  await rejects(wait.wait({ signal: AbortSignal.abort() }), 'AbortError');
  assert.is(fake.polls, 0);
});

test('no listener stays on a signal once a wait is over, whatever ended it', async () => {
  const { wait, fake } = setup();
  const { signal } = abortable();
  const listeners = (): number => getEventListeners(signal, 'abort').length;
  const over = wait.wait({ signal });
  assert.is(listeners(), 1);
  fake.give(1n);
  await over;
  assert.is(listeners(), 0);
  const cancelled = rejectionOf(wait.wait({ signal }));
  await wait.cancel();
  await cancelled;
  assert.is(listeners(), 0);
  const disposed = wait.wait({ signal });
  wait[Symbol.dispose]();
  await rejectionOf(disposed);
  assert.is(listeners(), 0);
});

test('a cancel that consumed nothing answers false, and every wait rejects', async () => {
  const { wait, fake } = setup();
  fake.cancelPends = true;
  const rejections = [wait.wait(), wait.wait()].map(rejectionOf);
  const cancel = wait.cancel();
  assert.not(await isSettled(cancel));
  fake.endCancel();
  assert.is(await cancel, false);
  for (const rejection of rejections) assert.is((await rejection).name, 'AbortError');
});

test('a cancel that consumed a signal answers true, and the first wait resolves with it', async () => {
  const { wait, fake } = setup();
  fake.cancelPends = true;
  const first = wait.wait();
  const rejection = rejectionOf(wait.wait());
  const cancel = wait.cancel();
  fake.signals.push(3n);
  fake.endCancel();
  assert.is(await cancel, true);
  assert.is(await first, 3n);
  assert.is((await rejection).name, 'AbortError');
});

test('a cancel without a wait is false and asks nothing', async () => {
  const { wait, fake } = setup();
  assert.is(await wait.cancel(), false);
  assert.is(fake.polls, 0);
});

test('a second cancel is false, and ends with the first', async () => {
  const { wait, fake } = setup();
  fake.cancelPends = true;
  const waiting = wait.wait();
  const first = wait.cancel();
  const second = wait.cancel();
  assert.not(await isSettled(second));
  fake.signals.push(3n);
  fake.endCancel();
  assert.is(await first, true);
  assert.is(await second, false);
  assert.is(await waiting, 3n);
  assert.is(await wait.cancel(), false);
});

test('a cancel during that of an abort is false: the aborted wait has the signal', async () => {
  const { wait, fake } = setup();
  fake.cancelPends = true;
  const { signal, abort } = abortable();
  const waiting = wait.wait({ signal });
  abort();
  const cancel = wait.cancel();
  fake.signals.push(3n);
  fake.endCancel();
  assert.is(await cancel, false);
  assert.is(await waiting, 3n);
});

test('an abort during a cancel changes nothing', async () => {
  const { wait, fake } = setup();
  fake.cancelPends = true;
  const { signal, abort } = abortable();
  const rejection = rejectionOf(wait.wait({ signal }));
  const cancel = wait.cancel();
  const next = wait.wait();
  abort();
  fake.endCancel();
  assert.is(await cancel, false);
  assert.is((await rejection).name, 'AbortError');
  fake.give(1n);
  assert.is(await next, 1n);
});

test('the error of a cancel rejects it and the wait', async () => {
  const { wait, fake } = setup();
  fake.cancelPends = true;
  const rejections = [wait.wait(), wait.cancel()].map(rejectionOf);
  fake.failure = systemError(Errno.EIO, 'read');
  fake.waker.wake();
  for (const rejection of rejections) assert.is((await rejection).code, 'EIO');
});

test('disposal rejects every wait and cancel, and disposes the poll object', async () => {
  const { wait, fake } = setup();
  fake.cancelPends = true;
  const rejections = [wait.wait(), wait.cancel(), wait.wait()].map(rejectionOf);
  wait[Symbol.dispose]();
  wait[Symbol.dispose]();
  for (const rejection of rejections) assert.is((await rejection).code, 'ERR_POLYRING_DISPOSED');
  assert.is(fake.disposals, 1);
  await rejects(wait.wait(), 'ERR_POLYRING_DISPOSED');
  await rejects(wait.cancel(), 'ERR_POLYRING_DISPOSED');
});

test('an async iterator consumes signal after signal', async () => {
  const { wait, fake } = setup();
  fake.signals.push(1n, 2n, 3n, 4n);
  const seen: bigint[] = [];
  for await (const signal of wait) {
    seen.push(signal);
    if (signal === 3n) break;
  }
  assert.equal(seen, [1n, 2n, 3n]);
  assert.equal(fake.signals, [4n]);
});

test('an async iterator ends with an AbortError by its signal', async () => {
  const { wait, fake } = setup();
  const { signal, abort } = abortable();
  const next = wait.signals({ signal }).next();
  await settled();
  abort();
  await rejects(next, 'AbortError');
  assert.is(fake.reading, false);
});

test('ref and unref are passed on', () => {
  const { wait, fake } = setup();
  assert.is(wait.unref(), wait);
  assert.is(fake.hasRef(), false);
  assert.is(wait.hasRef(), false);
  assert.is(wait.ref(), wait);
  assert.is(fake.hasRef(), true);
});

test('a wait resumes in the context that it was called in', async () => {
  const { wait, fake } = setup();
  const storage = new AsyncLocalStorage<string>();
  const seen = storage.run('caller', async () => {
    await wait.wait();
    return storage.getStore();
  });
  storage.run('drain', () => fake.give(1n));
  assert.is(await seen, 'caller');
});

test.run();
