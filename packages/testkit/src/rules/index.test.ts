import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { rules } from './index.js';

test('every rule has an id of its own, of a group and a name', () => {
  const ids = rules.map(({ id }) => id);
  assert.is(new Set(ids).size, ids.length);
  for (const id of ids) assert.match(id, /^[a-z]+\.[a-z]+(-[a-z]+)*$/);
});

test('every rule says what it expects in one sentence', () => {
  for (const { id, expectation } of rules) assert.match(expectation, /^[A-Zpr0-9].*[^.]$/, id);
});

test('every capability that a rule needs has a rule for drivers without it', () => {
  const excused = new Set(rules.map(({ unless }) => unless));
  for (const { id, needs } of rules) if (needs !== undefined) assert.ok(excused.has(needs), id);
});

test.run();
