import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseSize } from './size.js';

test('sizes are bytes, with binary multiples', () => {
  assert.is(parseSize('1'), 1);
  assert.is(parseSize('65536'), 65_536);
  assert.is(parseSize('64K'), 65_536);
  assert.is(parseSize('256m'), 268_435_456);
  assert.is(parseSize('2G'), 2_147_483_648);
});

test('what is no size is not taken for one', () => {
  for (const text of ['', '0', '-1', '1.5', 'K', '1T', '1 K', '0x10', '99999999999G', '1e3']) {
    assert.is(parseSize(text), undefined, text);
  }
});

test.run();
