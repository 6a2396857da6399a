import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { TailText } from './tail-text.js';

test('a short text is kept whole', () => {
  const text = new TailText();
  text.append('one ');
  text.append('two');
  assert.is(text.text, 'one two');
});

test('of a long text the end is kept, and what is missing is said', () => {
  const text = new TailText();
  for (let count = 0; count < 20; count += 1) text.append('x'.repeat(10_000));
  text.append('the end');
  assert.match(text.text, /^\[167239 characters before this are left out\]\nx+the end$/);
});

test.run();
