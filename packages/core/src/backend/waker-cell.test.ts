import { once } from 'node:events';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { throwUncaught } from '../errors/throw-uncaught.js';
import { WakerCell } from './waker-cell.js';

test('a new cell has nobody waiting, and waking it does nothing', () => {
  const cell = new WakerCell();
  assert.is(cell.waiting, false);
  cell.wake();
  assert.is(cell.waiting, false);
});

test('waking calls the latest waker once and leaves nobody waiting', () => {
  const called: string[] = [];
  const cell = new WakerCell();
  cell.set(() => called.push('first'));
  cell.set(() => called.push('second'));
  assert.is(cell.waiting, true);
  cell.wake();
  cell.wake();
  assert.equal(called, ['second']);
  assert.is(cell.waiting, false);
});

test('what cannot be called is refused, and the waker before it stays', () => {
  let calls = 0;
  const cell = new WakerCell();
  cell.set(() => (calls += 1));
  for (const none of [undefined, null, 5, {}] as never[]) {
    assert.throws(
      () => cell.set(none),
      (error: { code?: string }) => error.code === 'ERR_INVALID_ARG_TYPE',
    );
  }
  cell.wake();
  assert.is(calls, 1);
});

test('a waker that was withdrawn is not called', () => {
  const cell = new WakerCell();
  cell.set(() => assert.unreachable('withdrawn'));
  cell.clear();
  assert.is(cell.waiting, false);
  cell.wake();
});

test('a waker that registers itself again waits for the next wake', () => {
  let calls = 0;
  const cell = new WakerCell();
  const waker = () => {
    calls += 1;
    cell.set(waker);
  };
  cell.set(waker);
  cell.wake();
  assert.is(calls, 1);
  assert.is(cell.waiting, true);
  cell.wake();
  assert.is(calls, 2);
});

test('what a waker throws reaches uncaughtException after the caller went on', async () => {
  const thrown = new Error('thrown by a waker');
  const order: string[] = [];
  const uncaught = once(process, 'uncaughtException').then(([error]) => {
    order.push('uncaught');
    return error as Error;
  });
  const throwing = new WakerCell();
  throwing.set(() => {
    throw thrown;
  });
  const next = new WakerCell();
  next.set(() => order.push('next waker'));
  throwing.wake();
  next.wake();
  assert.is(await uncaught, thrown);
  assert.equal(order, ['next waker', 'uncaught']);
});

test('a thrown undefined reaches uncaughtException as it is', async () => {
  const uncaught = once(process, 'uncaughtException');
  throwUncaught(undefined);
  assert.is((await uncaught)[0], undefined);
});

test.run();
