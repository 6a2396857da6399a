import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { isConvicted } from './conviction.js';
import type { Trial } from './trial-process.js';

const trial = (verdict: Trial['verdict'], finding = ''): Trial => ({ verdict, finding, milliseconds: 1 });

test('a rule that fails or never comes back convicts', () => {
  assert.ok(isConvicted(trial('failed', 'AssertionError: early')));
  assert.ok(isConvicted(trial('failed', 'TimeLimitError: The rule did not end')));
  assert.ok(isConvicted(trial('hung', 'its thread never came back')));
});

test('a rule that passes or does not apply, and a process that died, convict nobody', () => {
  assert.not.ok(isConvicted(trial('passed')));
  assert.not.ok(isConvicted(trial('skipped', 'driver.supports.ioUring is false')));
  assert.not.ok(isConvicted(trial('died', 'SIGSEGV')));
});

test('a mutant that does not work as a program is not convicted by that', () => {
  assert.not.ok(isConvicted(trial('failed', 'TypeError: readiness.poll is not a function')));
  assert.not.ok(isConvicted(trial('failed', 'AggregateError: ReferenceError: x is not defined')));
});

test.run();
