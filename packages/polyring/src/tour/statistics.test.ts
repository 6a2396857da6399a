import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { spreadOf } from './statistics.js';

test('the spread of 1 to 100 is what it says', () => {
  const times = Array.from({ length: 100 }, (_, index) => 100 - index);
  assert.equal(spreadOf(times), { median: 50, p99: 99, longest: 100 });
  assert.is(times[0], 100, 'the times stay in their order');
});

test('one time is its own spread', () => {
  assert.equal(spreadOf([7]), { median: 7, p99: 7, longest: 7 });
});

test('times are compared as numbers', () => {
  assert.equal(spreadOf([10, 9, -1]), { median: 9, p99: 10, longest: 10 });
});

test.run();
