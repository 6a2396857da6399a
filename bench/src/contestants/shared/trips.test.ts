import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { trips } from './trips.js';

test('a trip that brings another number back is an error', async () => {
  const sound = await trips(5, async (value) => value);
  assert.ok(sound.operations > 0);
  assert.is(sound.errors, 0);
  const wrong = await trips(5, async (value) => (value === 1 ? 2 : value));
  assert.is(wrong.errors, Math.ceil(wrong.operations / 1000));
});

test.run();
