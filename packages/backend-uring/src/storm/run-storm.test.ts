import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const SCRIPT = fileURLToPath(new URL('./run-storm.test-support.js', import.meta.url));

test('what means nothing ends the command with 2 and one line', () => {
  for (const args of [['--nonsense'], ['--seed', 'x'], ['--operations', '0'], ['--operations', '1.5']]) {
    const { status, stdout, stderr } = spawnSync(process.execPath, [SCRIPT, ...args], { encoding: 'utf8' });
    assert.is(status, 2, stderr);
    assert.is(stdout, '');
    assert.match(stderr, /^test:storm: .*\n$/);
  }
});

test.run();
