import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { rules } from './index.js';

const guide = readFileSync(new URL('../../../../docs/contract.md', import.meta.url), 'utf8');

/** The anchors of a document's headings, as Markdown viewers make them. */
const anchors = new Set(
  Array.from(guide.matchAll(/^#+ (.+)$/gm), ([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  ),
);

test('every rule has an id of its own, of a group and a name', () => {
  const ids = rules.map(({ id }) => id);
  assert.is(new Set(ids).size, ids.length);
  for (const id of ids) assert.match(id, /^[a-z]+\.[a-z]+(-[a-z]+)*$/);
});

test('every rule says what it expects in one sentence', () => {
  for (const { id, expectation } of rules) assert.match(expectation, /^[A-Zpr0-9].*[^.]$/, id);
});

test('every rule points to a section of the contract that names it', () => {
  for (const { id, section } of rules) {
    assert.ok(anchors.has(section), `there is no section ${section}, which ${id} names`);
    assert.ok(guide.includes(`\`${id}\``), `the contract does not name ${id}`);
  }
});

test('the contract names no rule that does not exist', () => {
  const known = new Set(rules.map(({ id }) => id));
  const groups = new Set(rules.map(({ id }) => id.split('.')[0]));
  const named = Array.from(
    guide.matchAll(/`([a-z]+)\.([a-z]+(?:-[a-z]+)*)`/g),
    ([, group, name]) => `${group}.${name}`,
  );
  for (const id of named) {
    if (groups.has(id.split('.')[0] as string)) assert.ok(known.has(id), `the contract names ${id}`);
  }
});

test('every capability that a rule needs has a rule for drivers without it', () => {
  const excused = new Set(rules.map(({ unless }) => unless));
  for (const { id, needs } of rules) if (needs !== undefined) assert.ok(excused.has(needs), id);
});

test.run();
