// timeout: 300
import { spawnSync } from 'node:child_process';
import { TOLD_A_TURN } from '@polyring/core';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { testWith } from './kernel-needs.test-support.js';
import { runWhereGranted } from './run-where-granted.test-support.js';

const PRELUDE = `
  import { closeSync, readdirSync, readlinkSync } from 'node:fs';
  import { nop, read } from ${JSON.stringify(import.meta.resolve('@polyring/core'))};
  import { pipe2, tryRead, write } from ${JSON.stringify(import.meta.resolve('@polyring/sys'))};
  import { uringBackend } from ${JSON.stringify(new URL('index.js', import.meta.url).href)};
  import { createDriverOver } from ${JSON.stringify(new URL('driver.js', import.meta.url).href)};
  import { interceptedBinding } from ${JSON.stringify(new URL('kernel/intercepted-binding.test-support.js', import.meta.url).href)};
  const rings = () => readdirSync('/proc/self/fd').map(Number).filter((fd) => {
    try {
      return readlinkSync('/proc/self/fd/' + fd).includes('[io_uring]');
    } catch {
      return false;
    }
  });
  const before = rings();
`;

function run(body: string): { status: number | null; stdout: string; stderr: string } {
  const args = ['--input-type=module', '-e', PRELUDE + body];
  return spawnSync(process.execPath, args, { encoding: 'utf8', timeout: 240_000, killSignal: 'SIGKILL' });
}

test('an environment whose ring a stranger has closed ends all the same, and says so', () => {
  const { status, stderr } = run(`
    const driver = uringBackend.create();
    const [reader] = pipe2();
    driver.ioUringSubmit(read(reader, Buffer.alloc(8)));
    await driver.ioUringSubmit(nop());
    // libuv has to watch it by then: it aborts if it cannot begin to.
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    closeSync(rings().find((fd) => !before.includes(fd)));
    driver.unref();
  `);
  assert.is(status, 0, stderr);
  assert.match(stderr, 'its ring cannot be entered to cancel 1 operations: Bad file descriptor');
});

for (const completionEntries of [1, 2, 3]) {
  test(`an environment whose ring has room for ${completionEntries} completions ends with more operations in flight`, () => {
    const { status, stderr } = run(`
      const driver = uringBackend.create({ entries: 1, completionEntries: ${completionEntries} });
      const [reader] = pipe2();
      for (let count = 0; count < 10; count += 1) driver.ioUringSubmit(read(reader, Buffer.alloc(8)));
      await driver.ioUringSubmit(nop());
      driver.unref();
    `);
    assert.is(status, 0, stderr);
  });
}

test('a worker that makes drivers can be terminated, and the process goes on', () => {
  const { status, stdout, stderr } = run(`
    import { Worker } from 'node:worker_threads';
    const code = \`
      import { parentPort } from 'node:worker_threads';
      import { uringBackend } from ${JSON.stringify(new URL('index.js', import.meta.url).href)};
      parentPort.postMessage('begun');
      await new Promise(setImmediate);
      for (;;) uringBackend.create();
    \`;
    for (let count = 0; count < 10; count += 1) {
      const worker = new Worker(new URL('data:text/javascript,' + encodeURIComponent(code)));
      // What it makes may be more than it may have descriptors for.
      worker.on('error', () => {});
      await new Promise((resolve) => worker.once('message', resolve));
      await worker.terminate();
    }
    console.log('goes on');
  `);
  assert.is(status, 0, stderr);
  assert.is(stdout, 'goes on\n');
});

test('a failed driver that is closed lets go of its ring and of what the kernel held', () => {
  const { status, stdout, stderr } = run(`
    let broken = false;
    const driver = createDriverOver(interceptedBinding(({ toSubmit }, enter) => (broken ? -53 : enter(toSubmit))), {});
    const [reader, writer] = pipe2();
    const reading = driver.ioUringSubmit(read(reader, Buffer.alloc(8))).catch((error) => error.code);
    await driver.ioUringSubmit(nop());
    broken = true;
    driver.ioUringSubmit(nop()).catch(() => {});
    console.log(await reading);
    await driver.close();
    write(writer, Buffer.from('late'));
    console.log(tryRead(reader, Buffer.alloc(8)), rings().length - before.length);
  `);
  assert.is(status, 0, stderr);
  assert.is(stdout, 'ERR_POLYRING_RING_FAILED\n4 0\n');
});

const OPENERS = `
  import { openat, socket } from ${JSON.stringify(import.meta.resolve('@polyring/core'))};
  const descriptors = () => readdirSync('/proc/self/fd').length;
  /** Completions stand in the CQ, and nobody has seen them: the drain leaves them to the loop, which does not come. */
  const openUnseen = (driver) => {
    const opens = [];
    for (let count = 0; count < 40; count += 1) {
      opens.push(driver.ioUringSubmit(openat('/dev/null', 0)), driver.ioUringSubmit(socket('unix', 'stream')));
    }
    return opens;
  };
  /** As many operations as are delivered without the loop turning, and no more: the turn would allow as many again. */
  const useBudget = (driver) => Promise.all(Array.from({ length: ${TOLD_A_TURN} }, () => driver.ioUringSubmit(nop())));
`;

test('what was opened for a worker that ends before it is told is closed', () => {
  const { status, stdout, stderr } = run(`${OPENERS}
    import { Worker } from 'node:worker_threads';
    const code = \`
      import { parentPort } from 'node:worker_threads';
      import { nop, openat, socket } from ${JSON.stringify(import.meta.resolve('@polyring/core'))};
      import { uringBackend } from ${JSON.stringify(new URL('index.js', import.meta.url).href)};
      const driver = uringBackend.create();
      const useBudget = \${useBudget};
      const openUnseen = \${openUnseen};
      await useBudget(driver);
      openUnseen(driver);
      process.nextTick(() => process.nextTick(() => {
        parentPort.postMessage('opened');
        for (;;);
      }));
    \`;
    const start = () => new Worker(new URL('data:text/javascript,' + encodeURIComponent(code)));
    const opened = (worker) => new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
    const ended = start();
    await opened(ended);
    await ended.terminate();
    const open = descriptors();
    const worker = start();
    await opened(worker);
    const during = descriptors();
    await worker.terminate();
    console.log(during - open >= 80, descriptors() - open);
  `);
  assert.is(status, 0, stderr);
  assert.is(stdout, 'true 0\n');
});

test('connections that were accepted for a worker that ends before it is told are closed', () => {
  const { status, stdout, stderr } = run(`${OPENERS}
    import { Worker } from 'node:worker_threads';
    import { recv } from ${JSON.stringify(import.meta.resolve('@polyring/sys'))};
    const code = \`
      import { parentPort } from 'node:worker_threads';
      import { accept, acceptMultishot, nop } from ${JSON.stringify(import.meta.resolve('@polyring/core'))};
      import { bind, connect, getsockname, listen, socket } from ${JSON.stringify(import.meta.resolve('@polyring/sys'))};
      import { uringBackend } from ${JSON.stringify(new URL('index.js', import.meta.url).href)};
      const driver = uringBackend.create();
      const useBudget = \${useBudget};
      const newListener = () => {
        const listener = socket('ipv4', 'stream');
        bind(listener, { family: 'IPv4', address: '127.0.0.1', port: 0 });
        listen(listener);
        return listener;
      };
      const [one, many] = [newListener(), newListener()];
      const clients = Array.from({ length: 40 }, (_, index) => {
        const client = socket('ipv4', 'stream', { nonblock: false });
        connect(client, getsockname(index % 2 === 0 ? one : many));
        return client;
      });
      await useBudget(driver);
      for (let count = 0; count < 20; count += 1) driver.ioUringSubmit(accept(one));
      driver.multishot(acceptMultishot(many)).next();
      process.nextTick(() => process.nextTick(() => {
        parentPort.postMessage(clients);
        for (;;);
      }));
    \`;
    const worker = new Worker(new URL('data:text/javascript,' + encodeURIComponent(code)));
    const clients = await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
    const during = descriptors();
    await worker.terminate();
    console.log(during - descriptors() >= 40, clients.every((client) => recv(client, Buffer.alloc(1)) === 0));
  `);
  assert.is(status, 0, stderr);
  assert.is(stdout, 'true true\n');
});

test('what was opened for a driver whose ring failed before it was told is closed', () => {
  const { status, stdout, stderr } = run(`${OPENERS}
    let broken = false;
    const open = descriptors();
    const driver = createDriverOver(interceptedBinding(({ toSubmit }, enter) => {
      if (broken) return -53;
      return enter(toSubmit);
    }), {});
    await useBudget(driver);
    const opens = Promise.allSettled(openUnseen(driver));
    process.nextTick(() => {
      broken = true;
      driver.ioUringSubmit(nop()).catch(() => {});
    });
    const results = await opens;
    await driver.close();
    console.log(results.every(({ reason }) => reason?.code === 'ERR_POLYRING_RING_FAILED'), descriptors() - open);
  `);
  assert.is(status, 0, stderr);
  assert.is(stdout, 'true 0\n');
});

for (const [seen, wait] of [
  ['seen', 'await sent; await driver.ioUringSubmit(nop());'],
  ['not seen', 'await new Promise((resolve) => process.nextTick(() => process.nextTick(resolve)));'],
] as const) {
  testWith(
    test,
    ['sendZc'],
    `a notification of what was over before, ${seen}, is not taken for the end of something else`,
    () => {
      const { status, stderr } = run(`
      import { Worker } from 'node:worker_threads';
      const code = \`
        import { closeSync, readdirSync, readlinkSync } from 'node:fs';
        import { parentPort } from 'node:worker_threads';
        import { nop, read, sendZc } from ${JSON.stringify(import.meta.resolve('@polyring/core'))};
        import { pipe2, socketpair } from ${JSON.stringify(import.meta.resolve('@polyring/sys'))};
        import { uringBackend } from ${JSON.stringify(new URL('index.js', import.meta.url).href)};
        const rings = \${rings};
        const before = rings();
        const driver = uringBackend.create();
        const [socket] = socketpair();
        await driver.ioUringSubmit(nop());
        await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
        await Promise.all(Array.from({ length: ${TOLD_A_TURN + 40} }, () => driver.ioUringSubmit(nop())));
        driver.ioUringSubmit(read(pipe2()[0], Buffer.alloc(8)));
        const sent = driver.submitLinked([read(99_999, Buffer.alloc(8)), sendZc(socket, Buffer.from('never'))]);
        ${wait}
        closeSync(rings().find((fd) => !before.includes(fd)));
        parentPort.postMessage('closed');
        for (;;);
      \`;
      const worker = new Worker(new URL('data:text/javascript,' + encodeURIComponent(code)));
      await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
      await worker.terminate();
    `);
      assert.is(status, 0, stderr);
      assert.match(stderr, 'its ring cannot be entered to cancel 1 operations: Bad file descriptor');
    },
  );
}

/** A worker that ends in the midst of a sink, which was told of two connections by then. */
const MIDDLES = {
  'handed over stays open': `
    parentPort.postMessage(fd);
    if (++told === 2) process.exit();
  `,
  'closed is not closed again, as the number is of another file by then': `
    closeSync(fd);
    if (++told === 2) {
      parentPort.postMessage('closed');
      for (;;);
    }
  `,
};

for (const [what, completed] of Object.entries(MIDDLES)) {
  test(`what a worker was told of and has ${what}`, () => {
    const { status, stdout, stderr } = run(`
      import { fstatSync, openSync } from 'node:fs';
      import { Worker } from 'node:worker_threads';
      import { bind, connect, getsockname, listen, socket } from ${JSON.stringify(import.meta.resolve('@polyring/sys'))};
      const listener = socket('ipv4', 'stream');
      bind(listener, { family: 'IPv4', address: '127.0.0.1', port: 0 });
      listen(listener);
      for (let count = 0; count < 2; count += 1) {
        connect(socket('ipv4', 'stream', { nonblock: false }), getsockname(listener));
      }
      const code = \`
        import { closeSync } from 'node:fs';
        import { parentPort, workerData } from 'node:worker_threads';
        import { acceptMultishot } from ${JSON.stringify(import.meta.resolve('@polyring/core'))};
        import { uringBackend } from ${JSON.stringify(new URL('index.js', import.meta.url).href)};
        let told = 0;
        uringBackend.create().ioUring.multishotInto(acceptMultishot(workerData), {
          completed: ({ result: fd }) => { ${completed} },
          ended() {},
        });
      \`;
      const worker = new Worker(new URL('data:text/javascript,' + encodeURIComponent(code)), { workerData: listener });
      const ended = new Promise((resolve, reject) => worker.once('exit', resolve).once('error', reject));
      const fds = [];
      worker.on('message', (message) => {
        if (message !== 'closed') {
          fds.push(message);
          return;
        }
        for (let count = 0; count < 40; count += 1) fds.push(openSync('/dev/null'));
        worker.terminate();
      });
      await ended;
      const isOpen = (fd) => {
        try {
          return fstatSync(fd) !== undefined;
        } catch {
          return false;
        }
      };
      console.log(fds.length, fds.filter((fd) => !isOpen(fd)).length);
    `);
    assert.is(status, 0, stderr);
    assert.is(stdout, `${what.startsWith('handed') ? 2 : 40} 0\n`);
  });
}

runWhereGranted(test);
