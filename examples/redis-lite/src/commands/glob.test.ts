import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { globTest } from './glob.js';

/** Patterns with what they match, and what not. */
const PATTERNS: Readonly<Record<string, readonly [matched: readonly string[], others: readonly string[]]>> = {
  '': [[''], ['a']],
  '*': [['', 'a', 'a\nb'], []],
  'a*': [
    ['a', 'ab'],
    ['', 'ba'],
  ],
  '*ab*b': [
    ['abb', 'xabxbb', 'aabab'],
    ['ab', 'abba'],
  ],
  'h?llo': [
    ['hello', 'h\nllo'],
    ['hllo', 'heello'],
  ],
  'a.b$': [['a.b$'], ['axb$', 'a.b']],
  'a\\*b\\': [['a*b\\'], ['axb\\', 'a*b']],
  '[a-c-]': [
    ['a', 'b', 'c', '-'],
    ['d', ''],
  ],
  '[c-a]': [['a', 'b', 'c'], ['d']],
  '[^a]': [
    ['b', '^'],
    ['a', ''],
  ],
  '[a\\]^]': [
    ['a', ']', '^'],
    ['\\', 'b'],
  ],
  '[]': [[], ['', '[', ']']],
  '[^]': [['a'], ['']],
  '[a': [['[a'], ['a']],
  '[a]\\[[b[]?': [
    ['a[bx', 'a[[x'],
    ['a[ax', 'ab'],
  ],
};

for (const [pattern, [matched, others]] of Object.entries(PATTERNS)) {
  test(`"${pattern}" matches what it says`, () => {
    const matches = globTest(pattern);
    assert.equal([...matched, ...others].filter(matches), matched);
  });
}

test('a pattern of many stars does not try all the ways to divide a text', () => {
  assert.is(globTest(`${'*a'.repeat(200)}b`)('a'.repeat(20_000)), false);
});

test('a pattern of many brackets that nothing closes is read once', () => {
  const brackets = '['.repeat(1_000_000);
  assert.is(globTest(brackets)('a'), false);
  assert.is(globTest(brackets)(brackets), true);
});

test.run();
