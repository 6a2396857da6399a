import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { runScript } from './run-script.test-support.js';

/** So many that one is hit in the midst of a call, and not between two. */
const WORKERS = 40;

/** What a worker does when it is terminated. A failure ends the process, so each runs in its own. */
const WAYS = {
  'makes pairs': `
    parentPort.postMessage('under way');
    for (;;) for (const fd of sys.pipe2()) sys.close(fd);
  `,
  'reads into many views': `
    const zero = openSync('/dev/zero', 'r');
    const views = Array.from({ length: 1024 }, () => new Uint8Array(8));
    parentPort.postMessage('under way');
    for (;;) sys.readv(zero, views);
  `,
  'waits for the thread pool': `
    sys.fallocate(sys.memfdCreate('file'), 0, 0, 2 ** 26);
    parentPort.postMessage('under way');
    await new Promise(() => setInterval(() => {}, 1000));
  `,
};

test('what was being opened for a worker that is terminated is closed with it', async () => {
  const { code, stdout, stderr } = await runScript(`
    import { readdirSync } from 'node:fs';
    import { Worker } from 'node:worker_threads';
    const code = ${JSON.stringify(`
      import { parentPort } from 'node:worker_threads';
      import * as sys from ${JSON.stringify(new URL('index.js', import.meta.url).href)};
      for (let count = 0; count < 64; count += 1) sys.openInPool('/dev/null', 0);
      parentPort.postMessage('under way');
      for (;;);
    `)};
    const terminated = async () => {
      const worker = new Worker(new URL('data:text/javascript,' + encodeURIComponent(code)));
      await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
      await worker.terminate();
      return readdirSync('/proc/self/fd').length;
    };
    const before = await terminated();
    console.log(await terminated() - before);
  `);
  assert.is(code, 0, stderr);
  assert.is(stdout, '0\n');
});

test('what is owned as soon as it is there is closed with a worker that is terminated in whatever moment', async () => {
  const { code, stdout, stderr } = await runScript(`
    import { readdirSync, readlinkSync } from 'node:fs';
    import { Worker } from 'node:worker_threads';
    const code = ${JSON.stringify(`
      import { parentPort } from 'node:worker_threads';
      import * as sys from ${JSON.stringify(new URL('index.js', import.meta.url).href)};
      parentPort.postMessage('under way');
      for (;;) {
        const fds = [sys.epollCreate({ owned: true }), sys.timerfd({ owned: true })];
        new sys.LoopWatch(fds[0], () => {}, { owns: fds }).close();
      }
    `)};
    const leadsTo = (fd) => { try { return readlinkSync('/proc/self/fd/' + fd); } catch { return ''; } };
    const open = () => readdirSync('/proc/self/fd').map(leadsTo).filter((to) => /eventpoll|timerfd/.test(to)).length;
    const before = open();
    for (let count = 0; count < 10; count += 1) {
      const worker = new Worker(new URL('data:text/javascript,' + encodeURIComponent(code)));
      await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
      await worker.terminate();
    }
    console.log(open() - before);
  `);
  assert.is(code, 0, stderr);
  assert.is(stdout, '0\n');
});

for (const [does, body] of Object.entries(WAYS)) {
  test(`a worker that ${does} can be terminated, and the process goes on`, async () => {
    const { code, stdout, stderr } = await runScript(`
      import { Worker } from 'node:worker_threads';
      const code = ${JSON.stringify(`
        import { openSync } from 'node:fs';
        import { parentPort } from 'node:worker_threads';
        import * as sys from ${JSON.stringify(new URL('index.js', import.meta.url).href)};
        ${body}
      `)};
      for (let count = 0; count < ${WORKERS}; count += 1) {
        const worker = new Worker(new URL('data:text/javascript,' + encodeURIComponent(code)));
        await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
        await worker.terminate();
      }
      console.log('goes on');
    `);
    assert.is(code, 0, stderr);
    assert.is(stdout, 'goes on\n');
  });
}

test.run();
