import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, fstatSync, openSync, writeFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { dup } from '@polyring/sys';
import { openDescriptors, TemporaryDirectory } from '@polyring/test-support';
import * as assert from 'uvu/assert';
import { onEveryBackend } from '../grid.test-support.js';

const SCRIPT = new URL('worker-file.test-support.js', import.meta.url);
const OPENING = new URL('worker-opening.test-support.js', import.meta.url);

await onEveryBackend('A file in a worker', (test) => {
  test('is closed by nobody else, and its number is left alone once it was given away', async ({ backend }) => {
    using directory = new TemporaryDirectory();
    const path = directory.at('file');
    writeFileSync(path, '');
    const before = openSync('/dev/null', 'r');
    const given = dup(before);
    const worker = new Worker(SCRIPT, { workerData: { backend, path, given } });
    const messages: { warning?: string; fd: number }[] = [];
    worker.on('message', (message) => messages.push(message));
    await once(worker, 'message');
    const [{ fd }] = messages as [{ fd: number }];
    assert.is(fstatSync(fd).size, 0);
    closeSync(fd);
    // The lowest number that is free.
    const taken: number[] = [];
    while (!taken.includes(fd)) taken.push(openSync('/dev/null', 'r'));
    worker.postMessage('end');
    await once(worker, 'exit');
    assert.ok(fstatSync(fd).isCharacterDevice());
    assert.equal(messages, [{ fd }]);
    for (const each of [before, ...taken]) closeSync(each);
  });

  test('that is being opened as a worker is terminated leaves no descriptor', async ({ backend }) => {
    using directory = new TemporaryDirectory();
    execFileSync('mkfifo', [directory.at('fifo')]);
    const terminated = async () => {
      const worker = new Worker(OPENING, { workerData: { backend, path: directory.at('fifo') } });
      await once(worker, 'message');
      await worker.terminate();
      return openDescriptors();
    };
    const before = await terminated();
    assert.is(await terminated(), before);
  });
});
