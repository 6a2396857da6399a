import { spawnSync } from 'node:child_process';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { runWhereGranted } from './run-where-granted.test-support.js';

const PRELUDE = `
  import { setImmediate as turn } from 'node:timers/promises';
  import { loadBinding } from ${JSON.stringify(new URL('binding.js', import.meta.url).href)};
  const { Ring } = loadBinding();
`;

function run(body: string): { status: number | null; stdout: string; stderr: string } {
  const args = ['--expose-gc', '--input-type=module', '-e', PRELUDE + body];
  return spawnSync(process.execPath, args, { encoding: 'utf8', timeout: 60_000, killSignal: 'SIGKILL' });
}

test('a ring that is made calls no setter that prototypes have', () => {
  const { status, stdout, stderr } = run(`
    let calls = 0;
    const names = Object.keys(new Ring(1, 2, 0));
    const set = function () {
      calls += 1;
      this.close();
    };
    for (const name of names) Object.defineProperty(Object.prototype, name, { configurable: true, set });
    const { fd, rings } = new Ring(1, 2, 0);
    for (const name of names) delete Object.prototype[name];
    console.log(calls, fd >= 0, rings.byteLength > 0);
  `);
  assert.is(status, 0, stderr);
  assert.is(stdout, '0 true true\n');
});

test('a ring that nobody has any more says so to those who share a word with it', () => {
  const { status, stdout, stderr } = run(`
    const word = Int32Array.of(7);
    (() => new Ring(1, 2, 0).share(word))();
    for (let turns = 0; turns < 100 && word[0] !== 0; turns += 1) {
      gc();
      await turn();
    }
    console.log(word[0]);
  `);
  assert.is(status, 0, stderr);
  assert.is(stdout, '0\n');
});

runWhereGranted(test);
