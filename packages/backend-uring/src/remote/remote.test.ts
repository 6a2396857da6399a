import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import {
  type Driver,
  Entry,
  IORING_CQE_F_MORE,
  IORING_MSG_RING_FLAGS_PASS,
  IORING_OP_MSG_RING,
  nop,
  type RemoteHandle,
  read,
} from '@polyring/core';
import { close, eventfd, pipe2 } from '@polyring/sys';
import { openDescriptors, rejects, throws } from '@polyring/test-support';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { uringBackend } from '../factory.js';
import { runWhereGranted } from '../run-where-granted.test-support.js';
import type { Task } from './remote-thread.test-support.js';

interface Context {
  driver: Driver;
}

const test = suite<Context>('remote handles');

test.before.each((context) => {
  context.driver = uringBackend.create();
});

test.after.each(async ({ driver }) => {
  await driver.close();
});

/** Milliseconds in which a pipe ends whose last writer was closed. */
const END_OF_STREAM = 30_000;

function startThread(task: Task): Worker {
  return new Worker(new URL('./remote-thread.test-support.js', import.meta.url), { workerData: task });
}

async function someTurns(driver: Driver): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) await driver.ioUringSubmit(nop());
}

test('two threads wake each other, with values', async ({ driver }) => {
  const received: number[] = [];
  let wake: () => void = () => {};
  const inbox = driver.remoteHandle((value) => {
    received.push(value);
    wake();
  });
  const thread = startThread({ kind: 'echo', peer: inbox });
  const [handle] = (await once(thread, 'message')) as [RemoteHandle];
  const remote = driver.ioUring.remote(handle);
  for (const value of [0, 7, 2 ** 31 - 2]) {
    const woken = new Promise<void>((resolve) => {
      wake = resolve;
    });
    await remote.wake(value);
    await woken;
  }
  assert.equal(received, [1, 8, 2 ** 31 - 1]);
  const exit = once(thread, 'exit');
  await remote.wake(-1).catch(() => 'it closed at once');
  await exit;
  await rejects(remote.wake(), 'ERR_POLYRING_REMOTE_GONE');
});

test('a handle is plain data', ({ driver }) => {
  const inbox = driver.remoteHandle(() => {});
  const clone = structuredClone(inbox as RemoteHandle);
  assert.equal(Object.keys(clone).sort(), ['fd', 'generation', 'state', 'userData']);
  assert.is(clone.state[0], clone.generation);
  inbox[Symbol.dispose]();
  assert.is(clone.state[0], 0);
});

test('wakes arrive in order, also more than the completion queue holds while the thread is busy', async () => {
  await using small = uringBackend.create({ entries: 8, completionEntries: 16 });
  const count = 5000;
  const received: number[] = [];
  let all: () => void = () => {};
  const done = new Promise<void>((resolve) => {
    all = resolve;
  });
  const inbox = small.remoteHandle((value) => {
    received.push(value);
    if (received.length === count) all();
  });
  const ended = once(startThread({ kind: 'flood', peer: inbox, count }), 'exit');
  // Not a wait for time: this thread is to be busy while the other one floods it.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);
  await done;
  assert.ok(received.every((value, index) => value === index));
  await ended;
});

test('a disposed inbox is gone for everybody, and wakes on their way reach nobody', async ({ driver }) => {
  let calls = 0;
  const inbox = driver.remoteHandle(() => {
    calls += 1;
  });
  const remote = driver.ioUring.remote(inbox);
  await remote.wake();
  await someTurns(driver);
  assert.is(calls, 1);
  const late = remote.wake();
  inbox[Symbol.dispose]();
  inbox[Symbol.dispose]();
  await rejects(late, 'ERR_POLYRING_REMOTE_GONE');
  await someTurns(driver);
  assert.is(calls, 1);
  throws(() => driver.ioUring.remote(inbox), 'ERR_POLYRING_REMOTE_GONE');
});

test('a late wake does no harm to the operations that came after the inbox', async ({ driver }) => {
  const inbox = driver.remoteHandle(() => {});
  const { fd, userData } = inbox;
  inbox[Symbol.dispose]();
  const sent = Array.from({ length: 100 }, () =>
    driver.ioUringSubmit(
      Entry.unsafe({
        opcode: IORING_OP_MSG_RING,
        fd,
        off: userData,
        len: 5,
        opFlags: IORING_MSG_RING_FLAGS_PASS,
        fileIndex: IORING_CQE_F_MORE,
      }),
    ),
  );
  const results = await Promise.all([...sent, ...Array.from({ length: 100 }, () => driver.ioUringSubmit(nop()))]);
  assert.ok(results.every((result) => result === 0));
});

test('a late wake does not reach the inbox that has the slot by then', async ({ driver }) => {
  let calls = 0;
  const first = driver.remoteHandle(() => {
    calls += 1;
  });
  const wakeOf = ({ fd, userData: off }: RemoteHandle) =>
    Entry.unsafe({
      opcode: IORING_OP_MSG_RING,
      fd,
      off,
      opFlags: IORING_MSG_RING_FLAGS_PASS,
      fileIndex: IORING_CQE_F_MORE,
    });
  first[Symbol.dispose]();
  const second = driver.remoteHandle(() => {
    calls += 1;
  });
  assert.is(second.userData % 2 ** 32, first.userData % 2 ** 32, 'slots of inboxes are used again');
  assert.is(await driver.ioUringSubmit(wakeOf(first)), 0);
  await someTurns(driver);
  assert.is(calls, 0);
  assert.is(await driver.ioUringSubmit(wakeOf(second)), 0);
  await someTurns(driver);
  assert.is(calls, 1);
});

test('the end of a thread, however it comes, is seen by those who hold its handle', async ({ driver }) => {
  const thread = startThread({ kind: 'listen' });
  const [handle] = (await once(thread, 'message')) as [RemoteHandle];
  const remote = driver.ioUring.remote(handle);
  await remote.wake();
  await thread.terminate();
  assert.is(handle.state[0], 0);
  await rejects(remote.wake(), 'ERR_POLYRING_REMOTE_GONE');
  throws(() => driver.ioUring.remote(handle), 'ERR_POLYRING_REMOTE_GONE');
});

test('a remote of a driver that was closed keeps none of its registered files open', async ({ driver }) => {
  const other = uringBackend.create();
  driver.ioUring.remote(other.remoteHandle(() => {}));
  const [reader, writer] = pipe2();
  other.ioUring.fileTable().add(writer);
  close(writer);
  await other.close();
  assert.is(await driver.ioUringSubmit(read(reader, Buffer.alloc(1)), { timeout: END_OF_STREAM }), 0);
  close(reader);
});

test('a remote of a thread that was terminated keeps none of its registered files open', async ({ driver }) => {
  const [reader, writer] = pipe2();
  const thread = startThread({ kind: 'listen', registered: writer });
  const [handle] = (await once(thread, 'message')) as [RemoteHandle];
  driver.ioUring.remote(handle);
  close(writer);
  await thread.terminate();
  assert.is(await driver.ioUringSubmit(read(reader, Buffer.alloc(1)), { timeout: END_OF_STREAM }), 0);
  close(reader);
});

test('a descriptor that was used again for another ring is never woken', async ({ driver }) => {
  const old = uringBackend.create();
  const handle = structuredClone(old.remoteHandle(() => {}) as RemoteHandle);
  const remote = driver.ioUring.remote(handle);
  await old.close();
  const others = Array.from({ length: 4 }, () => uringBackend.create());
  let calls = 0;
  const inboxes = others.map((other) =>
    other.remoteHandle(() => {
      calls += 1;
    }),
  );
  assert.ok(
    inboxes.some(({ fd }) => fd === handle.fd),
    'the number is in use again',
  );
  await rejects(remote.wake(), 'ERR_POLYRING_REMOTE_GONE');
  throws(() => driver.ioUring.remote(handle), 'ERR_POLYRING_REMOTE_GONE');
  for (const other of others) await someTurns(other);
  assert.is(calls, 0);
  for (const other of others) await other.close();
});

test('a remote that is disposed of, or whose driver is closed, leaves no descriptor', async ({ driver }) => {
  const before = openDescriptors();
  const inbox = driver.remoteHandle(() => {});
  const remote = driver.ioUring.remote(inbox);
  assert.is(openDescriptors(), before + 1);
  remote[Symbol.dispose]();
  remote[Symbol.dispose]();
  assert.is(openDescriptors(), before);
  await rejects(remote.wake(), 'ERR_POLYRING_DISPOSED');
  const other = uringBackend.create();
  const left = other.ioUring.remote(inbox);
  await other.close();
  assert.is(openDescriptors(), before);
  await rejects(left.wake(), 'ERR_POLYRING_CLOSED');
  inbox[Symbol.dispose]();
  await rejects(left.wake(), 'ERR_POLYRING_CLOSED');
});

test('a wake on its way keeps the descriptor of a remote that is disposed of', async ({ driver }) => {
  let calls = 0;
  const inbox = driver.remoteHandle(() => {
    calls += 1;
  });
  const remote = driver.ioUring.remote(inbox);
  const before = openDescriptors();
  const woken = remote.wake();
  remote[Symbol.dispose]();
  assert.is(openDescriptors(), before);
  await woken;
  await someTurns(driver);
  assert.is(calls, 1);
  assert.is(openDescriptors(), before - 1);
});

test('a wake that the kernel cannot deliver rejects with its error', async ({ driver }) => {
  const state = new Int32Array(new SharedArrayBuffer(4)).fill(1);
  const noRing = eventfd();
  const remote = driver.ioUring.remote({ fd: noRing, userData: 0, generation: 1, state });
  await rejects(remote.wake(), 'EBADFD');
  close(noRing);
});

test('a wake that is over lets the process end', () => {
  const program = `
    import { uringBackend } from ${JSON.stringify(new URL('../factory.js', import.meta.url).href)};
    const driver = uringBackend.create();
    const inbox = driver.remoteHandle(() => {}).unref();
    await driver.ioUring.remote(inbox).wake();`;
  const args = ['--input-type=module', '-e', program];
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', timeout: 30_000 });
  assert.is(status, 0, stderr);
});

test('an inbox keeps the driver from ending by itself, and unref lets it', ({ driver }) => {
  const inbox = driver.remoteHandle(() => {});
  assert.is(inbox.hasRef(), true);
  assert.is(inbox.unref().hasRef(), false);
  assert.is(inbox.ref().hasRef(), true);
});

test('a listener that throws is an uncaught exception', async ({ driver }) => {
  const inbox = driver.remoteHandle(() => {
    throw new Error('thrown by a listener');
  });
  const uncaught = once(process, 'uncaughtException');
  await driver.ioUring.remote(inbox).wake();
  assert.is((await uncaught)[0].message, 'thrown by a listener');
});

test('bad arguments are refused', async ({ driver }) => {
  throws(() => driver.remoteHandle(1 as never), 'ERR_INVALID_ARG_TYPE');
  throws(() => driver.ioUring.remote({} as never), 'ERR_INVALID_ARG_TYPE');
  const remote = driver.ioUring.remote(driver.remoteHandle(() => {}));
  await rejects(remote.wake(2 ** 31), 'ERR_OUT_OF_RANGE');
});

runWhereGranted(test, 'remoteHandle');
