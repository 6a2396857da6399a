import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { BuddyAllocator } from './buddy-allocator.js';

test('a new allocator gives the whole in one run, and then nothing', () => {
  const buddies = new BuddyAllocator(64);
  assert.is(buddies.take(6), 0);
  assert.is(buddies.take(0), undefined);
});

test('runs never overlap, lie on their own size, and join again when all are given back', () => {
  const buddies = new BuddyAllocator(64);
  const owner = new Array<number>(64).fill(-1);
  const held: { first: number; order: number }[] = [];
  let state = 12345;
  const random = (below: number): number => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return (state >>> 8) % below;
  };
  for (let step = 0; step < 20_000; step += 1) {
    if (random(2) === 0) {
      const order = random(4);
      const first = buddies.take(order);
      if (first === undefined) continue;
      assert.is(first % 2 ** order, 0);
      for (let span = first; span < first + 2 ** order; span += 1) {
        assert.is(owner[span], -1, `span ${span} was given twice`);
        owner[span] = step;
      }
      held.push({ first, order });
    } else if (held.length > 0) {
      const [run] = held.splice(random(held.length), 1);
      if (run === undefined) continue;
      owner.fill(-1, run.first, run.first + 2 ** run.order);
      buddies.give(run.first, run.order);
    }
  }
  for (const { first, order } of held) buddies.give(first, order);
  assert.is(buddies.take(6), 0);
});

test.run();
