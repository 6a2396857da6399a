import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { tableErrors } from './table.js';

test('every required rule has a mutant that it must convict, and every mutant names rules of the kit', () => {
  assert.equal(tableErrors(), []);
});

test.run();
