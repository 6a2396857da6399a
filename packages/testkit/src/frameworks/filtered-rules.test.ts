import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { loadSubject } from '../subject.js';
import { registerRules as registerWithNode } from './node-test.js';
import { runRules } from './plain.js';
import { registerRules as registerWithUvu } from './uvu.js';

const subject = await loadSubject(import.meta.resolve('@polyring/backend-epoll'));

for (const [runner, run] of [
  ['a program', runRules],
  ['node:test', registerWithNode],
  ['uvu', registerWithUvu],
] as const) {
  test(`a filter that accepts no rule is refused, and does not pass in ${runner}`, async () => {
    let refusal: unknown;
    try {
      await run(subject, { filter: ({ id }) => id.startsWith('timers.') });
    } catch (error) {
      refusal = error;
    }
    assert.match(String(refusal), /The filter accepts no rule of the kit.*--list/);
  });
}

test.run();
