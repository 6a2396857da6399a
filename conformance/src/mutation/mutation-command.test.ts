import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { mutants } from '../mutants/index.js';

function runMutants(...args: string[]) {
  const script = fileURLToPath(new URL('./run-mutants.js', import.meta.url));
  return spawnSync(process.execPath, [script, ...args], { encoding: 'utf8' });
}

test('what means nothing ends the command with 2 and one line', () => {
  for (const args of [
    ['--nonsense'],
    ['nonsense'],
    ['--concurrency', '0'],
    ['--concurrency', 'x'],
    ['--time-scale', '0'],
  ]) {
    const { status, stdout, stderr } = runMutants(...args);
    assert.is(status, 2, stderr);
    assert.is(stdout, '');
    assert.match(stderr, /^error: .*\n$/);
  }
});

test('the broken drivers are listed, or those that are named', () => {
  const lines = (text: string): number => text.trim().split('\n').length;
  assert.is(lines(runMutants('--list').stdout), 2 * mutants.length);
  assert.match(runMutants('--list', 'timer-spins', 'timer-early').stdout, /^timer-spins .*\n.*\ntimer-early .*\n.*\n$/);
});

test.run();
