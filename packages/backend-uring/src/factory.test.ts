import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const ASK = `
  import { uringBackend } from ${JSON.stringify(new URL('index.js', import.meta.url).href)};
  const { code, remedy } = uringBackend.availability();
  let thrown;
  try {
    uringBackend.create();
  } catch (error) {
    thrown = { code: error.code, message: error.message };
  }
  console.log(JSON.stringify({ code, remedy, thrown }));
`;

/** What the backend says where the addon that a variable names the folder of is missing. */
function without(variable: string) {
  const empty = mkdtempSync(join(tmpdir(), 'polyring-no-addon-'));
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', ASK], {
    encoding: 'utf8',
    env: { ...process.env, [variable]: empty },
  });
  rmdirSync(empty);
  assert.is(stderr, '');
  return JSON.parse(stdout);
}

test('without its addon the backend is not available, and says what to build', () => {
  const { code, remedy, thrown } = without('POLYRING_URING_ADDON_ROOT');
  assert.is(code, 'uring-addon-missing');
  assert.match(remedy, 'npm rebuild @polyring/backend-uring');
  assert.is(thrown.code, 'ERR_POLYRING_ADDON');
  assert.match(thrown.message, /^The native addon of @polyring\/backend-uring .*npm rebuild @polyring\/backend-uring/);
});

test('without the addon of @polyring/sys it is not available either, and says what to build', () => {
  const { code, remedy, thrown } = without('POLYRING_SYS_ADDON_ROOT');
  assert.is(code, 'uring-sys-addon-missing');
  assert.match(remedy, 'npm rebuild @polyring/sys');
  assert.is(thrown.code, 'ERR_POLYRING_ADDON');
  assert.match(thrown.message, /^The native addon of @polyring\/sys .*npm rebuild @polyring\/sys/);
});

test.run();
