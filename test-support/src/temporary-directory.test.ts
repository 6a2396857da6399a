import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { endOf } from './processes.js';
import { TemporaryDirectory } from './temporary-directory.js';

test('a directory has the files that it is made with, as text or JSON, and is removed with them', () => {
  const directory = new TemporaryDirectory({ 'a/b.txt': 'text', 'c.json': { d: 1 } });
  assert.is(readFileSync(directory.at('a', 'b.txt'), 'utf8'), 'text');
  assert.equal(JSON.parse(readFileSync(directory.at('c.json'), 'utf8')), { d: 1 });
  directory[Symbol.dispose]();
  assert.not.ok(existsSync(directory.path));
});

test('a directory that is left is removed at the end of the process', async () => {
  const script = `
    const { temporaryDirectory } = await import(${JSON.stringify(new URL('./index.js', import.meta.url).href)});
    process.stdout.write(temporaryDirectory({ file: '' }));
    process.exit(3);`;
  const { code, stdout, stderr } = await endOf(spawn(process.execPath, ['--input-type=module', '-e', script]));
  assert.equal([code, stderr], [3, '']);
  assert.match(stdout, 'polyring-test-');
  assert.not.ok(existsSync(stdout));
});

test.run();
