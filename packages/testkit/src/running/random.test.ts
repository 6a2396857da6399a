import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Random } from './random.js';

test('the same seed gives the same numbers, and another seed gives others', () => {
  const draw = (seed: number): number[] => {
    const random = new Random(seed);
    return Array.from({ length: 20 }, () => random.next());
  };
  assert.equal(draw(5), draw(5));
  assert.not.equal(draw(5), draw(6));
  assert.ok(draw(5).every((number) => Number.isInteger(number) && number >= 0 && number < 2 ** 32));
});

test('integers stay below their bound and reach all of it', () => {
  const random = new Random(1);
  const drawn = new Set(Array.from({ length: 500 }, () => random.integer(7)));
  assert.equal([...drawn].sort(), [0, 1, 2, 3, 4, 5, 6]);
});

test('shuffling keeps the items', () => {
  const items = Array.from({ length: 50 }, (_, index) => index);
  const shuffled = new Random(3).shuffled(items);
  assert.not.equal(shuffled, items);
  assert.equal(
    shuffled.sort((one, other) => one - other),
    items,
  );
});

test('bytes have the length that was asked for', () => {
  const random = new Random(9);
  for (const length of [0, 1, 3, 4, 1001]) assert.is(random.bytes(length).length, length);
});

test.run();
