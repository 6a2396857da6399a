import { rejects, TemporaryDirectory } from '@polyring/test-support';
import * as assert from 'uvu/assert';
import { onEveryBackend } from '../grid.test-support.js';
import { NoDescriptors } from '../no-descriptors.test-support.js';
import { PolledFile } from './polled-file.js';

await onEveryBackend('append', (test) => {
  test('needs no descriptor but the one of the file, by whose flags it writes', async ({ driver }) => {
    using directory = new TemporaryDirectory();
    await using file = await PolledFile.open(driver, directory.at('file'), 'w');
    using _none = new NoDescriptors();
    assert.is(await file.append(Buffer.from('a')), 1);
    assert.is(await file.append(Buffer.from('b')), 1);
    assert.is((await file.stat()).size, 2);
  });

  test('to a device is a write', async ({ driver }) => {
    await using full = await PolledFile.open(driver, '/dev/full', 'r+');
    await rejects(full.append(Buffer.from('a')), 'ENOSPC');
  });
});
