import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { areEndsZero, markEnds } from './ends.js';

test('what was read over the marks in part only is told from what was read as a whole', () => {
  const bytes = new Uint8Array(8);
  markEnds(bytes);
  assert.not(areEndsZero(bytes));
  bytes.fill(0, 0, 7);
  assert.not(areEndsZero(bytes));
  markEnds(bytes);
  bytes.fill(0, 1);
  assert.not(areEndsZero(bytes));
  bytes.fill(0);
  assert.ok(areEndsZero(bytes));
});

test.run();
