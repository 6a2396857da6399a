import { Worker } from 'node:worker_threads';
import { openDescriptors } from '@polyring/test-support';
import * as assert from 'uvu/assert';
import { onEveryBackend } from './grid.test-support.js';

const SCRIPT = new URL('terminated-worker.test-support.js', import.meta.url);

async function terminated(backend: string): Promise<number> {
  const worker = new Worker(SCRIPT, { workerData: backend });
  const open = await new Promise<number>((resolve, reject) => worker.once('message', resolve).once('error', reject));
  await worker.terminate();
  return open;
}

await onEveryBackend('A worker that is terminated', (test) => {
  test('leaves none of the descriptors of its polled objects open', async ({ backend }) => {
    await terminated(backend);
    const before = openDescriptors();
    assert.is(await terminated(backend), 11);
    assert.is(openDescriptors(), before);
  });
});
