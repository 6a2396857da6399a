import { realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { rejectionOf, temporaryDirectory } from '@polyring/test-support';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { launches } from './launch.js';

test('a program that says something else is an error, and one that fails a failure', async () => {
  const folder = temporaryDirectory();
  const path = join(folder, 'program.mjs');
  writeFileSync(path, "console.log('epoll');");
  assert.is((await launches(path, 'epoll', 50)).errors, 0);
  const { operations, errors } = await launches(path, 'uring', 50);
  assert.is(errors, operations);
  writeFileSync(path, "console.log('epoll'); process.exitCode = 1;");
  assert.match((await rejectionOf(launches(path, 'epoll', 50))).message, 'failed');
});

test('a program is started in its own folder, whose config file it finds and not that of the benchmark', async () => {
  const folder = realpathSync(temporaryDirectory({ 'program.mjs': 'console.log(process.cwd());' }));
  assert.is((await launches(join(folder, 'program.mjs'), folder, 50)).errors, 0);
});

test.run();
