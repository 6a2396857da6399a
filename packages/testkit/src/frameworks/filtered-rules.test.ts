import { rejectionOf } from '@polyring/test-support';
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
    const running = async () => run(subject, { filter: ({ id }) => id.startsWith('timers.') });
    assert.match((await rejectionOf(running())).message, /The filter accepts no rule of the kit.*--list/);
  });
}

test.run();
