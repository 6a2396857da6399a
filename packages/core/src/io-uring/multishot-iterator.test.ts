import { getEventListeners } from 'node:events';
import { rejectionOf } from '@polyring/test-support';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { MultishotControl, MultishotOptions } from '../contract/io-uring/multishot.js';
import { isSettled } from '../fake-driver.test-support.js';
import { MultishotIterator, type QueuedCompletion } from './multishot-iterator.js';

/** A completion that records what becomes of it. */
class FakeCompletion implements QueuedCompletion {
  readonly flags = 0;
  readonly bytes = undefined;
  readonly events: string[] = [];
  readonly result: number;
  /** What it made has ended with its driver. */
  gone = false;

  constructor(result: number) {
    this.result = result;
  }

  park(): void {
    this.events.push('park');
  }

  claim(): boolean {
    this.events.push('claim');
    return !this.gone;
  }

  release(): void {
    this.events.push('release');
  }

  discard(): void {
    this.events.push('discard');
  }

  [Symbol.dispose](): void {
    this.release();
  }
}

function iterate(options?: MultishotOptions, whileStarted: (sink: MultishotIterator) => void = () => {}) {
  const calls: string[] = [];
  const control: MultishotControl = {
    pause: () => calls.push('pause'),
    resume: () => calls.push('resume'),
    cancel: () => calls.push('cancel'),
    ref: () => control,
    unref: () => control,
    hasRef: () => true,
  };
  const iterator = new MultishotIterator((sink) => {
    whileStarted(sink as MultishotIterator);
    return control;
  }, options);
  const complete = (...results: number[]): FakeCompletion[] =>
    results.map((result) => {
      const completion = new FakeCompletion(result);
      iterator.completed(completion);
      return completion;
    });
  return { iterator, calls, complete };
}

test('a completion is the taker’s, and is released when the next one is asked for', async () => {
  const { iterator, complete } = iterate();
  const asked = iterator.next();
  const [first, second] = complete(1, 2);
  assert.is((await asked).value?.result, 1);
  assert.equal(first?.events, ['claim']);
  assert.equal(second?.events, ['park']);
  assert.is((await iterator.next()).value?.result, 2);
  assert.equal(first?.events, ['claim', 'release']);
  assert.equal(second?.events, ['park', 'claim']);
});

test('a full queue pauses, and half an empty one resumes', async () => {
  const { iterator, calls, complete } = iterate({ highWaterMark: 4 });
  complete(1, 2, 3);
  assert.equal(calls, []);
  complete(4, 5);
  assert.equal(calls, ['pause']);
  await iterator.next();
  await iterator.next();
  assert.equal(calls, ['pause']);
  await iterator.next();
  assert.equal(calls, ['pause', 'resume']);
});

test('what completes while it is started fills the queue as what comes later does', async () => {
  const { iterator, calls } = iterate({ highWaterMark: 1 }, (sink) => {
    for (const result of [1, 2]) sink.completed(new FakeCompletion(result));
  });
  assert.equal(calls, ['pause']);
  assert.is((await iterator.next()).value?.result, 1);
  assert.is((await iterator.next()).value?.result, 2);
  assert.equal(calls, ['pause', 'resume']);
});

test('what ends while it is started is neither paused nor cancelled, and leaves no listener', async () => {
  const { signal } = new AbortController();
  const { iterator, calls } = iterate({ signal, highWaterMark: 1 }, (sink) => {
    sink.completed(new FakeCompletion(1));
    sink.ended(new Error('early'));
  });
  assert.equal(getEventListeners(signal, 'abort'), []);
  assert.is((await iterator.next()).value?.result, 1);
  assert.is((await rejectionOf(iterator.next())).message, 'early');
  assert.equal(calls, []);
});

test('return() gives up what waits, and resolves at the end only', async () => {
  const { iterator, calls, complete } = iterate();
  const [waiting] = complete(1);
  const returned = iterator.return();
  assert.equal(waiting?.events, ['park', 'discard']);
  assert.equal(calls, ['cancel']);
  const [late] = complete(2);
  assert.equal(late?.events, ['discard']);
  assert.is(await isSettled(returned), false);
  iterator.ended(undefined);
  assert.equal(await returned, { value: undefined, done: true });
  assert.equal(await iterator.return(), { value: undefined, done: true });
});

test('an error comes behind the completions before it, once', async () => {
  const { iterator, complete } = iterate();
  complete(1);
  iterator.ended(new Error('over'));
  assert.is((await iterator.next()).value?.result, 1);
  assert.is((await rejectionOf(iterator.next())).message, 'over');
  assert.equal(await iterator.next(), { value: undefined, done: true });
});

test('an abort drops what waits and rejects at the end, and a late one does nothing', async () => {
  const controller = new AbortController();
  const { iterator, calls, complete } = iterate({ signal: controller.signal });
  const [waiting] = complete(1);
  controller.abort('enough');
  assert.equal(waiting?.events, ['park', 'discard']);
  const next = rejectionOf(iterator.next());
  iterator.ended(undefined);
  const error = await next;
  assert.is(error.code, 'ABORT_ERR');
  assert.is(error.cause, 'enough');

  const late = new AbortController();
  const other = iterate({ signal: late.signal });
  other.iterator.ended(undefined);
  late.abort();
  assert.equal(other.calls, []);
  assert.equal(calls, ['cancel']);
});

test('what has ended with its driver is not handed out, nor is what comes behind it', async () => {
  const { iterator, complete } = iterate();
  const [first, second, third] = complete(1, 2, 3);
  assert.is((await iterator.next()).value?.result, 1);
  (second as FakeCompletion).gone = true;
  const next = rejectionOf(iterator.next());
  assert.equal(second?.events, ['park', 'claim', 'discard']);
  assert.equal(third?.events, ['park', 'discard']);
  const [late] = complete(4);
  assert.equal(late?.events, ['discard']);
  iterator.ended(new Error('closed'));
  assert.is((await next).message, 'closed');
  assert.equal(first?.events, ['park', 'claim', 'release']);
  assert.equal(await iterator.next(), { value: undefined, done: true });
});

test.run();
