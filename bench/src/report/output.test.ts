import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  linkSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { checkWritable, replaceFile } from './output.js';

const MODULE = JSON.stringify(new URL('./output.js', import.meta.url).href);

let folder: string;

test.before.each(() => {
  folder = mkdtempSync(join(tmpdir(), 'polyring-bench-test-'));
});

test.after.each(() => rmSync(folder, { recursive: true }));

/** Checks a path and then writes to it. */
function write(path: string, text: string): void {
  checkWritable(path);
  replaceFile(path, text);
}

test('a pipe is written to, by whatever path it has', () => {
  const code = `import { checkWritable, replaceFile } from ${MODULE};
    const path = process.argv.at(-1);
    checkWritable(path);
    replaceFile(path, 'results');`;
  for (const path of ['/dev/stdout', '/dev/fd/1', '/proc/self/fd/1']) {
    // The standard output that Node.js gives a child is a socket.
    const { stdout, stderr } = spawnSync(
      'sh',
      ['-c', '"$@" | cat', 'sh', process.execPath, '--input-type=module', '-e', code, path],
      { encoding: 'utf8' },
    );
    assert.is(stdout, 'results', `${path}: ${stderr}`);
  }
});

test('a file that is replaced keeps its mode and its owner', () => {
  const path = join(folder, 'results');
  writeFileSync(path, 'before');
  if (process.getuid?.() === 0) chownSync(path, 1234, 1234);
  chmodSync(path, 0o666);
  const { uid, gid, mode, ino } = statSync(path);
  write(path, 'after');
  const after = statSync(path);
  assert.equal([after.uid, after.gid, after.mode], [uid, gid, mode]);
  assert.is.not(after.ino, ino);
  assert.is(readFileSync(path, 'utf8'), 'after');
});

test('every name of a file leads to what was written', () => {
  const [path, name, link] = [join(folder, 'results'), join(folder, 'name'), join(folder, 'link')];
  writeFileSync(path, 'before');
  symlinkSync(path, link);
  write(link, 'by its link');
  assert.is(readFileSync(path, 'utf8'), 'by its link');
  linkSync(path, name);
  assert.is(checkWritable(name), checkWritable(link));
  write(name, 'by its name');
  assert.is(readFileSync(link, 'utf8'), 'by its name');
  assert.ok(lstatSync(link).isSymbolicLink());
});

test('a link to nothing leads to a new file', () => {
  const [path, link] = [join(folder, 'results'), join(folder, 'link')];
  symlinkSync('results', link);
  assert.is(checkWritable(link), checkWritable(path));
  assert.equal(readdirSync(folder), ['link']);
  write(link, 'new');
  assert.ok(lstatSync(link).isSymbolicLink());
  assert.is(readFileSync(path, 'utf8'), 'new');
});

test.run();
