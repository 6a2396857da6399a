import { throws } from '@polyring/test-support';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Rule } from '../rule.js';
import { chooseRules } from './choose-rules.js';
import { CommandError } from './command-error.js';

const RULES = ['timer.not-early', 'timer.order', 'wait.size', 'wait.cancel', 'ring.probe'].map(
  (id): Rule => ({ id, class: 'required', expectation: '', section: '', check: async () => {} }),
);

const choose = (...globs: string[]): string[] => chooseRules(RULES, globs).map(({ id }) => id);

function refusal(...globs: string[]): CommandError {
  return throws(() => choose(...globs), { constructor: CommandError });
}

test('without a glob all rules are chosen', () => {
  assert.equal(choose(), ['timer.not-early', 'timer.order', 'wait.size', 'wait.cancel', 'ring.probe']);
});

test('a glob chooses by the whole id', () => {
  assert.equal(choose('timer.*'), ['timer.not-early', 'timer.order']);
  assert.equal(choose('ring.probe'), ['ring.probe']);
  assert.equal(choose('{wait,ring}.*'), ['wait.size', 'wait.cancel', 'ring.probe']);
  assert.equal(choose('!(timer|wait).*'), ['ring.probe']);
  assert.equal(choose('*r*e*'), ['timer.not-early', 'timer.order', 'ring.probe']);
});

test('several globs add up, in the order of the kit', () => {
  assert.equal(choose('wait.size', 'timer.order'), ['timer.order', 'wait.size']);
});

test('an exclamation mark leaves rules out', () => {
  assert.equal(choose('!timer.*'), ['wait.size', 'wait.cancel', 'ring.probe']);
  assert.equal(choose('wait.*', '!*.size'), ['wait.cancel']);
});

test('a glob that matches nothing is refused, left out or not', () => {
  for (const glob of ['timers.*', '!timers.*']) {
    const { exitCode, message } = refusal('wait.*', glob);
    assert.equal([exitCode, message], [2, 'No rule matches "timers.*". --list names them all.']);
  }
});

test('an empty glob, as of a variable that is not set, is refused', () => {
  for (const glob of ['', '!']) assert.is(refusal(glob).message, 'No rule matches "". --list names them all.');
});

test('globs that leave nothing are refused', () => {
  assert.is(refusal('wait.*', '!wait.*').message, 'The globs of --rules leave no rule.');
});

test.run();
