import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Call } from './call.js';
import { CallQueue } from './call-queue.js';

function filled(count: number): { queue: CallQueue; calls: Call<unknown>[] } {
  const queue = new CallQueue();
  const calls = Array.from({ length: count }, () => new Call<unknown>({ syscall: 'read', attempt: () => 0 }));
  for (const call of calls) queue.push(call);
  return { queue, calls };
}

/** The numbers of the calls that are taken one after the other. */
function order(queue: CallQueue, calls: readonly Call<unknown>[]): number[] {
  const numbers: number[] = [];
  for (let call = queue.first; call !== undefined; call = queue.first) {
    numbers.push(calls.indexOf(call));
    queue.shift();
  }
  return numbers;
}

test('calls come in the order they were given in', () => {
  const { queue, calls } = filled(3);
  assert.not(queue.empty);
  assert.not(queue.single);
  assert.equal(order(queue, calls), [0, 1, 2]);
  assert.ok(queue.empty);
  assert.not(queue.single);
  queue.push(calls[1] as Call<unknown>);
  assert.ok(queue.single);
});

test('a call is taken away from wherever it stands, and others come behind the last as before', () => {
  for (const [removed, rest] of [
    [0, [1, 2, 3]],
    [1, [0, 2, 3]],
    [2, [0, 1, 3]],
  ] as const) {
    const { queue, calls } = filled(3);
    const more = new Call<unknown>({ syscall: 'read', attempt: () => 0 });
    calls.push(more);
    queue.remove(calls[removed] as Call<unknown>);
    queue.remove(calls[removed] as Call<unknown>);
    queue.push(more);
    assert.equal(order(queue, calls), rest);
  }
});

test('all are taken away, or all but the first', () => {
  for (const [butFirst, taken, left] of [
    [false, [0, 1, 2], []],
    [true, [1, 2], [0]],
  ] as const) {
    const { queue, calls } = filled(3);
    assert.equal(
      queue.takeAll(butFirst).map((call) => calls.indexOf(call)),
      taken,
    );
    assert.equal(order(queue, calls), left);
  }
  assert.equal(new CallQueue().takeAll(true), []);
});

test.run();
