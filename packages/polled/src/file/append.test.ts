import { spawnSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import * as assert from 'uvu/assert';
import { onEveryBackend } from '../grid.test-support.js';
import { rejects } from '../rejection.test-support.js';
import { TemporaryDirectory } from '../temporary-directory.test-support.js';
import { PolledFile } from './polled-file.js';

/** Takes every descriptor that this process may still open. */
function takeDescriptors(): Disposable {
  const limited = spawnSync('prlimit', [`--pid=${process.pid}`, '--nofile=256:']);
  assert.is(limited.status, 0, String(limited.stderr ?? limited.error));
  const taken: number[] = [];
  try {
    for (;;) taken.push(openSync('/dev/null', 'r'));
  } catch (error) {
    assert.is((error as NodeJS.ErrnoException).code, 'EMFILE');
  }
  return {
    [Symbol.dispose]() {
      for (const fd of taken) closeSync(fd);
    },
  };
}

await onEveryBackend('append', (test) => {
  test('needs no descriptor but the one of the file, by whose flags it writes', async ({ driver }) => {
    using directory = new TemporaryDirectory();
    await using file = await PolledFile.open(driver, directory.at('file'), 'w');
    using _taken = takeDescriptors();
    assert.is(await file.append(Buffer.from('a')), 1);
    assert.is(await file.append(Buffer.from('b')), 1);
    assert.is((await file.stat()).size, 2);
  });

  test('to a device is a write', async ({ driver }) => {
    await using full = await PolledFile.open(driver, '/dev/full', 'r+');
    await rejects(full.append(Buffer.from('a')), 'ENOSPC');
  });
});
