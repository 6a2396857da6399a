import { isPolyringError } from '@polyring/core';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Arena, SPAN_SIZE } from './arena.js';
import type { Block } from './block.js';
import { Pool, PoolExhaustedError } from './pool.js';
import { takeLater } from './take-later.js';

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
  const before = pool.statistics.capacity;
  assert.is(pool.take(SPAN_SIZE).size, SPAN_SIZE);
  assert.is(pool.statistics.capacity, before);
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

test('memory that the last slab of each size keeps serves a request that needs all of it', () => {
  const { pool } = newPool(SPAN_SIZE);
  for (const size of [64, 512, 4096, 16384, 32768]) pool.give(pool.take(size));
  assert.is(pool.take(SPAN_SIZE).size, SPAN_SIZE);
});

test('blocks below a page are aligned to their size', () => {
  const { pool } = newPool();
  for (let count = 0; count < 50; count += 1) {
    assert.is(pool.take(1).address % 64, 0);
    assert.is(pool.take(512).address % 512, 0);
  }
});

test('what is lent and what only operations use is accounted for', () => {
  const { pool } = newPool(4 * SPAN_SIZE);
  const statistics = { limit: 4 * SPAN_SIZE, capacity: 0, lent: 0, inFlight: 0, waiting: 0 };
  assert.equal(pool.statistics, statistics);
  const lent = pool.take(600);
  pool.lend(lent);
  const bounce = pool.take(SPAN_SIZE);
  statistics.capacity = 2 * SPAN_SIZE;
  assert.equal(pool.statistics, { ...statistics, lent: 4096, inFlight: SPAN_SIZE });
  lent.users = 1;
  pool.unlend(lent);
  assert.equal(pool.statistics, { ...statistics, inFlight: SPAN_SIZE + 4096 });
  pool.give(bounce);
  pool.give(lent);
  assert.equal(pool.statistics, statistics);
});

/** Waits for a span; the numbers in `order` tell who was served. */
function waitForSpans(pool: Pool, spans: number, order: string[], name: string, signal?: AbortSignal): Promise<Block> {
  return takeLater(pool, signal, () => {
    const block = pool.take(spans * SPAN_SIZE);
    order.push(name);
    return block;
  });
}

test('who waits is served in order and before anybody else, however small', async () => {
  const { pool } = newPool(2 * SPAN_SIZE);
  const [first, second] = [pool.take(SPAN_SIZE), pool.take(SPAN_SIZE)];
  const order: string[] = [];
  const large = waitForSpans(pool, 2, order, 'large');
  const small = waitForSpans(pool, 1, order, 'small');
  assert.is(pool.statistics.waiting, 2);
  pool.give(first);
  await Promise.resolve();
  assert.throws(() => pool.take(1), /2 requests wait/);
  assert.equal(order, [], 'the small one did not overtake');
  pool.give(second);
  const block = await large;
  assert.equal(order, ['large']);
  pool.give(block);
  await small;
  assert.equal(order, ['large', 'small']);
  assert.is(pool.statistics.waiting, 0);
  assert.is(pool.take(1).size, 64);
});

test('an abort ends the waiting of one, and lets those behind it through', async () => {
  const { pool } = newPool(2 * SPAN_SIZE);
  const first = pool.take(SPAN_SIZE);
  pool.take(SPAN_SIZE);
  const controller = new AbortController();
  const order: string[] = [];
  const large = waitForSpans(pool, 2, order, 'large', controller.signal).catch((error: unknown) => error);
  const small = waitForSpans(pool, 1, order, 'small');
  pool.give(first);
  controller.abort('enough');
  assert.is(((await large) as Error).cause, 'enough');
  assert.is((await small).size, SPAN_SIZE);
  assert.equal(order, ['small']);
});

/** Waits for two blocks of two spans each, and holds none if it cannot have both. */
function waitForTwo(pool: Pool): Promise<Block[]> {
  return takeLater(pool, undefined, () => {
    const first = pool.take(2 * SPAN_SIZE);
    try {
      return [first, pool.take(2 * SPAN_SIZE)];
    } catch (error) {
      pool.give(first);
      throw error;
    }
  });
}

test('one who takes several blocks and finds too few goes on to wait, until nothing is left to come back', async () => {
  const { pool } = newPool(4 * SPAN_SIZE);
  const lent = [pool.take(2 * SPAN_SIZE), pool.take(2 * SPAN_SIZE)] as const;
  const two = waitForTwo(pool);
  pool.give(lent[0]);
  await new Promise(setImmediate);
  assert.is(pool.statistics.waiting, 1);
  pool.give(lent[1]);
  for (const block of await two) pool.give(block);

  const small = newPool(3 * SPAN_SIZE).pool;
  const block = small.take(2 * SPAN_SIZE);
  const hopeless = waitForTwo(small).catch((error: unknown) => error);
  const behind = waitForSpans(small, 1, [], 'behind');
  small.give(block);
  assert.instance(await hopeless, PoolExhaustedError);
  assert.is((await behind).size, SPAN_SIZE);
});

test('an error that is not the lack of room ends the waiting of its own request only', async () => {
  const { pool } = newPool(SPAN_SIZE);
  const block = pool.take(SPAN_SIZE);
  const broken = takeLater(pool, undefined, () => {
    throw new Error('broken');
  }).catch((error: Error) => error.message);
  const next = waitForSpans(pool, 1, [], 'next');
  pool.give(block);
  assert.is(await broken, 'broken');
  assert.is((await next).size, SPAN_SIZE);
});

test('everybody who waits is refused once when there will be no memory', async () => {
  const { pool } = newPool(SPAN_SIZE);
  const block = pool.take(SPAN_SIZE);
  const waiting = [1, 1].map((spans) => waitForSpans(pool, spans, [], '').catch((error: Error) => error.message));
  pool.refuseAll(new Error('over'));
  assert.equal(await Promise.all(waiting), ['over', 'over']);
  pool.give(block);
  assert.is(pool.take(SPAN_SIZE).size, SPAN_SIZE);
});

test('what can never be had is told from what cannot be had now', () => {
  const { pool } = newPool(4 * SPAN_SIZE);
  const refusal = (spans: number): PoolExhaustedError => {
    try {
      pool.take(spans * SPAN_SIZE);
    } catch (error) {
      assert.instance(error, PoolExhaustedError);
      return error as PoolExhaustedError;
    }
    throw new Error('nothing was thrown');
  };
  assert.match(refusal(8).message, /can never lend 524288 bytes.*"poolLimit"/);
  assert.not(pool.mayWaitFor(refusal(8)));
  assert.not.throws(() => pool.checkLimit([SPAN_SIZE, 2 * SPAN_SIZE, 33_000]));
  assert.throws(() => pool.checkLimit([SPAN_SIZE, 2 * SPAN_SIZE, 33_000, 1]), /327680.*together.*"poolLimit"/);
  assert.not.throws(() => pool.checkLimit([10, 20, 300, 3000, 5000]));
  // Each of five sizes of blocks has a span of its own.
  assert.throws(() => pool.checkLimit([10, 300, 3000, 5000, 20_000]), /327680/);
  for (let taken = 0; taken < 4; taken += 1) pool.take(SPAN_SIZE);
  assert.match(refusal(1).message, /has no 65536 bytes left.*release memory.*"poolExhausted".*"poolLimit"/);
  assert.ok(pool.mayWaitFor(refusal(1)));
  assert.ok(refusal(4).hopeless, 'the pool grew in two arenas of two spans');
});

test('a lent block is found by any range inside it, and by none beyond it', () => {
  const { pool } = newPool();
  for (const size of [4096, 3 * SPAN_SIZE]) {
    const block = pool.take(size);
    const lentAt = (offset: number, length: number) =>
      pool.lentBlock(block.arena.bytes, block.arena, block.offset + offset, length);
    assert.is(lentAt(0, 10), undefined, 'not lent yet');
    pool.lend(block);
    assert.is(lentAt(10, 20), block);
    assert.is(lentAt(0, block.size), block);
    assert.is(lentAt(1, block.size), undefined);
  }
});

test.run();
