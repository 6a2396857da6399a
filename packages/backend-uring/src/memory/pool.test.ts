import { isPolyringError } from '@polyring/core';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Arena, SPAN_SIZE } from './arena.js';
import type { Block } from './block.js';
import { Pool } from './pool.js';

function newPool(limit = 2 ** 30): { pool: Pool; arenas: Arena[] } {
  const arenas: Arena[] = [];
  const pool = new Pool({
    makeArena(spanCount) {
      const arena = new Arena(new ArrayBuffer(spanCount * SPAN_SIZE), 0x10_0000_0000 * (arenas.length + 1), true);
      arenas.push(arena);
      return arena;
    },
    firstSpans: 2,
    limit,
  });
  return { pool, arenas };
}

test('blocks never overlap, whatever is taken and given back', () => {
  const { pool } = newPool();
  const held = new Set<Block>();
  let state = 99;
  const random = (below: number): number => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return (state >>> 8) % below;
  };
  for (let step = 0; step < 5_000; step += 1) {
    if (random(5) < 3) {
      const size = 1 + random(2 ** (1 + random(18)));
      const block = pool.take(size);
      assert.ok(block.size >= size);
      block.arena.bytes.fill(0, block.offset, block.offset + block.size);
      for (const other of held) {
        const apart =
          other.arena !== block.arena ||
          other.offset + other.size <= block.offset ||
          block.offset + block.size <= other.offset;
        assert.ok(apart, 'two blocks overlap');
      }
      held.add(block);
    } else {
      const [block] = held;
      if (block === undefined) continue;
      held.delete(block);
      pool.give(block);
    }
  }
});

test('blocks from the size of a page up are aligned to a page', () => {
  const { pool } = newPool();
  for (const size of [4096, 5000, 16384, 20000, 65536, 100000]) {
    assert.is(pool.take(size).address % 4096, 0, `${size} bytes`);
  }
});

test('memory that was given back serves other sizes', () => {
  const { pool } = newPool(4 * SPAN_SIZE);
  const small = Array.from({ length: 30 }, () => pool.take(4096));
  for (const block of small) pool.give(block);
  const before = pool.capacity;
  assert.is(pool.take(SPAN_SIZE).size, SPAN_SIZE);
  assert.is(pool.capacity, before);
});

test('a pool at its limit says so, and serves again after something was given back', () => {
  const { pool } = newPool(2 * SPAN_SIZE);
  const first = pool.take(SPAN_SIZE);
  pool.take(SPAN_SIZE);
  assert.throws(
    () => pool.take(1),
    (error: unknown) => isPolyringError(error) && error.code === 'ERR_POLYRING_POOL_EXHAUSTED',
  );
  pool.give(first);
  assert.is(pool.take(1).size, 64);
});

test('a limit below one span leaves no memory, and no arena is made', () => {
  const { pool, arenas } = newPool(1000);
  assert.throws(() => pool.take(1), /poolLimit/);
  assert.is(arenas.length, 0);
});

test('a lent block is found by any range inside it, and by none beyond it', () => {
  const { pool } = newPool();
  for (const size of [4096, 3 * SPAN_SIZE]) {
    const block = pool.take(size);
    assert.is(pool.lentBlock(block.arena, block.offset, 10), undefined, 'not lent yet');
    block.lent = true;
    assert.is(pool.lentBlock(block.arena, block.offset + 10, 20), block);
    assert.is(pool.lentBlock(block.arena, block.offset, block.size), block);
    assert.is(pool.lentBlock(block.arena, block.offset + 1, block.size), undefined);
  }
});

test.run();
