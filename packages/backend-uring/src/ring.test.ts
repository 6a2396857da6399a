import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { CQE_WORDS } from './abi.js';
import type { NativeRing } from './binding.js';
import { Ring } from './ring.js';

const ENTRIES = 4;
const [CQ_HEAD, CQ_TAIL, CQES] = [0, 1, 4];

/** A ring whose CQ holds completions of these `user_data` halves and results, from a head on. */
function ringWith(head: number, ...completions: readonly (readonly [number, number, number])[]): Ring {
  const words = new Int32Array(CQES + ENTRIES * CQE_WORDS);
  words[CQ_HEAD] = head;
  words[CQ_TAIL] = head + completions.length;
  for (const [index, completion] of completions.entries()) {
    words.set(completion, CQES + ((head + index) % ENTRIES) * CQE_WORDS);
  }
  return new Ring({
    sqEntries: ENTRIES,
    cqEntries: ENTRIES,
    rings: words.buffer,
    sqes: new ArrayBuffer(0),
    control: new ArrayBuffer(12),
    sqTail: 0,
    sqFlags: 0,
    cqHead: CQ_HEAD * 4,
    cqTail: CQ_TAIL * 4,
    cqes: CQES * 4,
  } as unknown as NativeRing);
}

test('a result is found by both halves of its user_data, wherever in the CQ it stands', () => {
  for (const head of [0, 3, 6]) {
    const ring = ringWith(head, [7, 1, 10], [8, 1, 11], [7, 2, -32]);
    assert.is(ring.resultOf(7, 2), -32);
    assert.is(ring.resultOf(7, 1), 10);
    assert.is(ring.resultOf(8, 2), undefined);
  }
});

test('what was taken from the CQ is not found any more', () => {
  const ring = ringWith(2, [7, 1, 10]);
  assert.is(
    ring.reap(() => true, 32),
    1,
  );
  assert.is(ring.resultOf(7, 1), undefined);
});

test.run();
