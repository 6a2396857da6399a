import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { launches } from './launch.js';

test('a program that says something else is an error, and one that fails a failure', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'polyring-bench-test-'));
  try {
    const path = join(folder, 'program.mjs');
    writeFileSync(path, "console.log('epoll');");
    assert.is((await launches(path, 'epoll', 50)).errors, 0);
    const { operations, errors } = await launches(path, 'uring', 50);
    assert.is(errors, operations);
    writeFileSync(path, "console.log('epoll'); process.exitCode = 1;");
    await launches(path, 'epoll', 50).then(
      () => assert.unreachable(),
      (error: Error) => assert.match(error.message, 'failed'),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('a program is started in its own folder, whose config file it finds and not that of the benchmark', async () => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'polyring-bench-test-')));
  try {
    const path = join(folder, 'program.mjs');
    writeFileSync(path, 'console.log(process.cwd());');
    assert.is((await launches(path, folder, 50)).errors, 0);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test.run();
