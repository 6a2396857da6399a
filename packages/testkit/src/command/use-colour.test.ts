import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { useColour } from './use-colour.js';

test('colour is for terminals that know it, unless NO_COLOR is set', () => {
  assert.is(useColour({ isTTY: true }, {}), true);
  assert.is(useColour({ isTTY: true }, { NO_COLOR: '' }), true);
  assert.is(useColour({ isTTY: true }, { NO_COLOR: '1' }), false);
  assert.is(useColour({ isTTY: true }, { TERM: 'dumb' }), false);
  assert.is(useColour({}, {}), false);
});

test.run();
