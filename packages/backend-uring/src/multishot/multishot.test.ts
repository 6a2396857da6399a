import { spawnSync } from 'node:child_process';
import {
  acceptMultishot,
  asyncCancel,
  type Completion,
  type Driver,
  Entry,
  Errno,
  IORING_CQE_F_MORE,
  IORING_OP_ACCEPT,
  IORING_OP_TIMEOUT,
  type Multishot,
  type MultishotControl,
  nop,
  PollEvents,
  pollMultishot,
  pollUpdate,
  type QueuedCompletion,
  recvMultishot,
  timeoutMultishot,
} from '@polyring/core';
import {
  bind,
  close,
  connect,
  eventfd,
  getsockname,
  listen,
  read,
  recv,
  shutdown,
  socket,
  socketpair,
  write,
} from '@polyring/sys';
import { openDescriptors, rejects } from '@polyring/test-support';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createDriverOver } from '../driver.js';
import { uringBackend } from '../factory.js';
import { CQE_WORDS } from '../kernel/abi.js';
import { interceptedBinding } from '../kernel/intercepted-binding.test-support.js';
import { testWith } from '../kernel-needs.test-support.js';
import { runWhereGranted } from '../run-where-granted.test-support.js';

interface Context {
  driver: Driver;
  listener: number;
  event: number;
}

const test = suite<Context>('multishot');

test.before.each((context) => {
  context.driver = uringBackend.create();
  context.listener = socket('ipv4', 'stream', { nonblock: false });
  bind(context.listener, { family: 'IPv4', address: '127.0.0.1', port: 0 });
  listen(context.listener, 4096);
  context.event = eventfd();
});

test.after.each(async ({ driver, listener, event }) => {
  await driver.close();
  close(listener);
  close(event);
});

function connectTo(listener: number): number {
  const client = socket('ipv4', 'stream', { nonblock: false });
  connect(client, getsockname(listener));
  return client;
}

async function take(multishot: Multishot): Promise<Completion> {
  const { value } = await multishot.next();
  if (value === undefined) throw new Error('The iteration is over');
  return value;
}

function signal(event: number): void {
  write(event, BigUint64Array.of(1n));
}

function drainEvent(event: number): void {
  read(event, new BigUint64Array(1));
}

/** Resolves after the kernel has had the chance to complete what is ready. */
async function someTurns(driver: Driver): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) await driver.ioUringSubmit(nop());
}

test('an accept gives one connection after the other', async ({ driver, listener }) => {
  await using accepts = driver.multishot(acceptMultishot(listener));
  for (let count = 0; count < 5; count += 1) {
    const client = connectTo(listener);
    const { result, flags, bytes } = await take(accepts);
    assert.ok((flags & IORING_CQE_F_MORE) !== 0, 'one operation gives them all');
    assert.is(bytes, undefined);
    write(client, Buffer.from('x'));
    close(result);
    close(client);
  }
});

test('leaving the loop ends the operation and closes what was not taken', async ({ driver, listener }) => {
  const before = openDescriptors();
  const clients = Array.from({ length: 20 }, () => connectTo(listener));
  const entry = acceptMultishot(listener);
  for await (const { result } of driver.multishot(entry)) {
    close(result);
    break;
  }
  assert.is(entry.owner, undefined, 'the terminal completion was awaited');
  for (const client of clients) close(client);
  assert.is(openDescriptors(), before);
});

test('what is not taken stops the operation, and taking it starts it again', async ({ driver, listener }) => {
  const accepts = driver.multishot(acceptMultishot(listener), { highWaterMark: 4 });
  const clients = Array.from({ length: 4 }, () => connectTo(listener));
  await someTurns(driver);
  const before = openDescriptors();
  clients.push(...Array.from({ length: 30 }, () => connectTo(listener)));
  await someTurns(driver);
  assert.is(openDescriptors(), before + 30, 'nothing was accepted meanwhile');
  for (let count = 0; count < clients.length; count += 1) close((await take(accepts)).result);
  await accepts.return();
  for (const client of clients) close(client);
});

test('a poll tells of each event, and the next() calls are answered in order', async ({ driver, event }) => {
  const polls = driver.multishot(pollMultishot(event, PollEvents.IN));
  const asked = [polls.next(), polls.next(), polls.next()];
  for (const next of asked) {
    signal(event);
    const { value } = await next;
    assert.is(value?.result, PollEvents.IN);
    drainEvent(event);
  }
  assert.equal(await polls.return(), { value: undefined, done: true });
  assert.equal(await polls.next(), { value: undefined, done: true });
});

testWith(
  test,
  ['timeoutMultishot'],
  'a counted timeout ends after its last tick, also where it was stopped meanwhile',
  async ({ driver }) => {
    for (const highWaterMark of [1, 64]) {
      let ticks = 0;
      for await (const { result } of driver.multishot(timeoutMultishot(0.5, { count: 5 }), { highWaterMark })) {
        assert.is(result, Errno.ETIME);
        ticks += 1;
        await someTurns(driver);
      }
      assert.is(ticks, 5);
    }
  },
);

testWith(
  test,
  ['timeoutMultishot'],
  'a counted timeout whose time is attached ticks as often, also where it was stopped meanwhile',
  async ({ driver }) => {
    const MULTISHOT = 1 << 6;
    const bytes = new Uint8Array(BigInt64Array.of(0n, 1_000_000n).buffer);
    const attached = { addr: { kind: 'struct', bytes } } as const;
    const entry = () => Entry.unsafe({ opcode: IORING_OP_TIMEOUT, off: 3, len: 1, opFlags: MULTISHOT, attached });
    for (const highWaterMark of [1, 64]) {
      let ticks = 0;
      for await (const _ of driver.multishot(entry(), { highWaterMark })) {
        ticks += 1;
        await someTurns(driver);
      }
      assert.is(ticks, 3);
    }
  },
);

testWith(
  test,
  ['timeoutMultishot'],
  'a counted timeout is cancelled by its entry, also where it was started again',
  async ({ driver }) => {
    const entry = timeoutMultishot(5, { count: 100 });
    let isAgain = false;
    let cancelled: Promise<unknown> | undefined;
    const error = await new Promise<Error | undefined>((resolve) => {
      const control = driver.ioUring.multishotInto(entry, {
        completed() {
          if (isAgain) cancelled ??= driver.ioUringSubmit(asyncCancel(entry)).catch((reason) => reason.code);
          else control.pause();
        },
        paused() {
          isAgain = true;
          control.resume();
        },
        ended: resolve,
      });
    });
    assert.is(await cancelled, 0);
    assert.is((error as NodeJS.ErrnoException | undefined)?.code, 'ECANCELED');
  },
);

test('a failure rejects one next() and ends the iteration', async ({ driver, event }) => {
  const accepts = driver.multishot(acceptMultishot(event));
  const [first, second] = [accepts.next(), accepts.next()];
  await rejects(first, 'ENOTSOCK');
  assert.equal(await second, { value: undefined, done: true });
  assert.equal(await accepts.return(), { value: undefined, done: true });
});

test('an abort rejects with an AbortError after the terminal completion', async ({ driver, listener }) => {
  const controller = new AbortController();
  const entry = acceptMultishot(listener);
  const accepts = driver.multishot(entry, { signal: controller.signal });
  const next = accepts.next();
  controller.abort(new Error('enough'));
  await next.then(
    () => assert.unreachable(),
    (error) => {
      assert.is(error.code, 'ABORT_ERR');
      assert.is(error.cause.message, 'enough');
    },
  );
  assert.is(entry.owner, undefined);
  assert.throws(
    () => driver.multishot(entry, { signal: controller.signal }),
    (error: NodeJS.ErrnoException) => error.code === 'ABORT_ERR',
  );
});

test('a stranger cancels it with ECANCELED, and not while it is stopped', async ({ driver, event }) => {
  const entry = pollMultishot(event, PollEvents.IN);
  const polls = driver.multishot(entry);
  const next = rejects(polls.next(), 'ECANCELED');
  assert.is(await driver.ioUringSubmit(asyncCancel(entry)), 0);
  await next;

  const stopped = driver.multishot(entry, { highWaterMark: 1 });
  signal(event);
  await someTurns(driver);
  await rejects(driver.ioUringSubmit(asyncCancel(entry)), 'ENOENT');
  await rejects(driver.ioUringSubmit(entry), 'ERR_POLYRING_ENTRY_IN_FLIGHT');
  await stopped.return();
  assert.is((await take(driver.multishot(entry))).result, PollEvents.IN);
});

test('a change of a poll lasts while it is stopped, and ends with its iteration', async ({ driver, event }) => {
  const entry = pollMultishot(event, PollEvents.IN);
  const polls = driver.multishot(entry, { highWaterMark: 1 });
  assert.is(await driver.ioUringSubmit(pollUpdate(entry, PollEvents.OUT)), 0);
  await someTurns(driver);
  await rejects(driver.ioUringSubmit(pollUpdate(entry, PollEvents.PRI)), 'ENOENT');
  signal(event);
  for (let times = 0; times < 2; times += 1) assert.is((await take(polls)).result, PollEvents.OUT);
  await polls.return();

  assert.is((await take(driver.multishot(entry))).result, PollEvents.IN);
});

test('an operation that is no multishot is started again and again', async ({ driver, listener }) => {
  const accepts = driver.multishot(Entry.unsafe({ opcode: IORING_OP_ACCEPT, fd: listener }));
  for (let count = 0; count < 3; count += 1) {
    const client = connectTo(listener);
    close((await take(accepts)).result);
    close(client);
  }
  await accepts.return();
});

test('closing the driver ends every iteration, stopped ones too, and closes what was not taken', async (context) => {
  const { driver, listener, event } = context;
  const before = openDescriptors();
  const running = driver.multishot(pollMultishot(event, PollEvents.IN));
  const next = rejects(running.next(), 'ERR_POLYRING_CLOSED');
  const stopped = driver.multishot(acceptMultishot(listener), { highWaterMark: 1 });
  const clients = Array.from({ length: 8 }, () => connectTo(listener));
  await someTurns(driver);
  await driver.close();
  await next;
  for (const client of clients) close(client);
  // The ring's own descriptors went as well.
  assert.ok(openDescriptors() < before);
  await stopped.return();
  assert.throws(
    () => driver.multishot(nop()),
    (error: NodeJS.ErrnoException) => error.code === 'ERR_POLYRING_CLOSED',
  );
});

test('a completion queue that overflows ends runs, and nothing is lost', async ({ listener }) => {
  await using driver = uringBackend.create({ entries: 2, completionEntries: 4 });
  const accepts = driver.multishot(acceptMultishot(listener), { highWaterMark: 256 });
  const clients: number[] = [];
  for (let count = 0; count < 200; count += 1) {
    clients.push(connectTo(listener));
    if (count % 50 === 0) await someTurns(driver);
  }
  for (let count = 0; count < clients.length; count += 1) close((await take(accepts)).result);
  await accepts.return();
  for (const client of clients) close(client);
});

test('a sink is told without promises, and what it throws is an uncaught exception', async ({ driver, event }) => {
  const results: number[] = [];
  const ended = new Promise<Error | undefined>((resolve) => {
    const control = driver.ioUring.multishotInto(pollMultishot(event, PollEvents.IN), {
      completed({ result }) {
        results.push(result);
        drainEvent(event);
        if (results.length === 3) control.cancel();
        else signal(event);
        if (results.length === 1) throw new Error('thrown by a sink');
      },
      ended: resolve,
    });
  });
  const uncaught = new Promise<Error>((resolve) => process.once('uncaughtException', resolve));
  signal(event);
  assert.is((await uncaught).message, 'thrown by a sink');
  assert.is(await ended, undefined);
  assert.equal(results, [PollEvents.IN, PollEvents.IN, PollEvents.IN]);
});

/** A driver whose kernel is just doing what it is first to cancel: it says EALREADY, and cancels it all the same. */
function busyDriver(): Driver {
  let tell = (): void => {};
  const { Ring, ...binding } = interceptedBinding(({ toSubmit }, enter) => {
    const result = enter(toSubmit);
    tell();
    return result;
  });
  class Busy extends Ring {
    constructor(...sizes: ConstructorParameters<typeof Ring>) {
      super(...sizes);
      const rings = new Int32Array(this.rings);
      const results = Array.from({ length: this.cqEntries }, (_, index) => this.cqes / 4 + index * CQE_WORDS + 2);
      tell = () => {
        // The cancel is alone in its enter, so the run that it ends completes next.
        const run = results.findIndex((at) => rings[at] === Errno.ECANCELED);
        if (run === -1) return;
        rings[results[run - 1] as number] = Errno.EALREADY;
        tell = () => {};
      };
    }
  }
  return createDriverOver({ ...binding, Ring: Busy });
}

test('what ends by a cancel that said EALREADY was paused, and goes on', async ({ event }) => {
  const driver = busyDriver();
  let control: MultishotControl | undefined;
  const told = new Promise<number>((resolve, reject) => {
    const completed = ({ result }: Completion): void => resolve(result);
    control = driver.ioUring.multishotInto(pollMultishot(event, PollEvents.IN), { completed, ended: reject });
  });
  await someTurns(driver);
  control?.pause();
  control?.resume();
  setImmediate(() => signal(event));
  assert.is(await told, PollEvents.IN);
  await driver.close();
});

test('what was cancelled while it was paused is over, though it is resumed', async ({ driver, event }) => {
  const entry = pollMultishot(event, PollEvents.IN);
  let control: MultishotControl | undefined;
  const ended = new Promise<Error | undefined>((resolve) => {
    const paused = (): void => {
      control?.cancel();
      control?.resume();
    };
    control = driver.ioUring.multishotInto(entry, { completed() {}, paused, ended: resolve });
  });
  control?.pause();
  assert.is(await ended, undefined);
  assert.is(await driver.ioUringSubmit(asyncCancel({ fd: event, all: true })), 0, 'it runs on');
  assert.is(entry.owner, undefined);
});

testWith(
  test,
  ['recvMultishot', 'bufferRing'],
  'what was cancelled while it waited for a buffer is over, though one comes back',
  async ({ driver }) => {
    const [near, far] = socketpair();
    await using buffers = driver.ioUring.bufferRing({ entries: 1, bufferSize: 4 });
    const held: Completion[] = [];
    await new Promise<Error | undefined>((ended) => {
      const control = driver.ioUring.multishotInto(recvMultishot(near, buffers), {
        completed(completion) {
          held.push(completion);
          // Outside a promise's job the operation is told of the buffer before it ends.
          setImmediate(() => {
            control.cancel();
            completion.release();
          });
        },
        ended,
      });
      write(far, Buffer.from('hereleft'));
    });
    assert.is(await driver.ioUringSubmit(asyncCancel({ fd: near, all: true })), 0, 'it runs on');
    const left = Buffer.alloc(8);
    assert.is(recv(near, left), 4, 'nothing was received behind the end');
    assert.is(held.length, 1);
    close(near);
    close(far);
  },
);

test('what a sink holds is closed once it is given up, also after the driver was closed', async ({
  driver,
  listener,
}) => {
  const held: QueuedCompletion[] = [];
  const clients = Array.from({ length: 3 }, () => connectTo(listener));
  await new Promise<void>((resolve) => {
    driver.ioUring.multishotInto(acceptMultishot(listener), {
      completed(completion) {
        held.push(completion as QueuedCompletion);
        if (held.length === clients.length) resolve();
      },
      ended() {},
    });
  });
  const [early, late, claimed] = held as [QueuedCompletion, QueuedCompletion, QueuedCompletion];
  early.discard();
  // Parked twice it is one all the same.
  claimed.park();
  claimed.park();
  claimed.claim();
  await driver.close();
  assert.is(recv(clients[0] as number, Buffer.alloc(1)), 0);
  late.discard();
  assert.is(recv(clients[1] as number, Buffer.alloc(1)), 0);
  close(claimed.result);
  for (const client of clients) close(client);
});

testWith(
  test,
  ['recvMultishot', 'bufferRing'],
  'what an operation brought before it failed ends with the driver, and is not handed out',
  async ({ driver, listener }) => {
    await using buffers = driver.ioUring.bufferRing({ entries: 2, bufferSize: 16 });
    const accepts = driver.multishot(acceptMultishot(listener));
    const client = connectTo(listener);
    const [near, far] = socketpair();
    const receives = driver.multishot(recvMultishot(near, buffers));
    write(far, Buffer.from('kept'));
    await someTurns(driver);
    // Each of the two has brought something, and fails now.
    shutdown(listener, 'both');
    await driver.ioUringSubmit(asyncCancel({ fd: near }));
    await someTurns(driver);
    await driver.close();
    assert.is(recv(client, Buffer.alloc(1)), 0, 'it was closed');
    await rejects(accepts.next(), 'EINVAL');
    await rejects(receives.next(), 'ECANCELED');
    for (const fd of [client, near, far]) close(fd);
  },
);

test('a ring that fails ends every iteration, stopped ones too', async ({ event, listener }) => {
  let broken = false;
  const driver = createDriverOver(interceptedBinding(({ toSubmit }, enter) => (broken ? -53 : enter(toSubmit))));
  const running = rejects(driver.multishot(acceptMultishot(listener)).next(), 'ERR_POLYRING_RING_FAILED');
  const stopped = driver.multishot(pollMultishot(event, PollEvents.IN), { highWaterMark: 1 });
  signal(event);
  await someTurns(driver);
  broken = true;
  await driver.ioUringSubmit(nop()).catch(() => undefined);
  await running;
  await rejects(stopped.next(), 'ERR_POLYRING_RING_FAILED');
  await driver.close();
});

test('an operation in flight keeps the process alive, and one that is stopped does not', () => {
  const url = (name: string) => JSON.stringify(import.meta.resolve(name));
  const run = (body: string) =>
    spawnSync(
      process.execPath,
      [
        '--input-type=module',
        '-e',
        `import { PollEvents, pollMultishot, nop } from ${url('@polyring/core')};
         import { eventfd, write } from ${url('@polyring/sys')};
         import { uringBackend } from ${JSON.stringify(new URL('../index.js', import.meta.url).href)};
         const driver = uringBackend.create();
         ${body}`,
      ],
      { encoding: 'utf8', timeout: 60_000, killSignal: 'SIGKILL' },
    );
  const alive = run(`
    const event = eventfd();
    // It does not keep the process alive itself.
    setInterval(() => write(event, BigUint64Array.of(1n)), 1).unref();
    let events = 0;
    for await (const _ of driver.multishot(pollMultishot(event, PollEvents.IN))) {
      events += 1;
      if (events === 20) break;
    }
    process.stdout.write(String(events));
  `);
  assert.is(alive.stdout, '20', alive.stderr);
  const stopped = run(`
    driver.multishot(pollMultishot(eventfd(1), PollEvents.IN), { highWaterMark: 1 });
    await driver.ioUringSubmit(nop());
  `);
  assert.is(stopped.status, 0, stopped.stderr);
});

test('bad options and entries are refused at once', ({ driver, event }) => {
  const entry = pollMultishot(event, PollEvents.IN);
  const refusals: [unknown, unknown, string][] = [
    [{}, {}, 'ERR_INVALID_ARG_TYPE'],
    [entry, { highWaterMark: 0 }, 'ERR_OUT_OF_RANGE'],
    [entry, { highWaterMark: 'x' }, 'ERR_INVALID_ARG_TYPE'],
    [entry, { signal: {} }, 'ERR_INVALID_ARG_TYPE'],
    [Entry.unsafe({ opcode: 250 }), {}, 'ERR_POLYRING_UNSUPPORTED'],
  ];
  for (const [given, options, code] of refusals) {
    assert.throws(
      () => driver.multishot(given as Entry, options as object),
      (error: NodeJS.ErrnoException) => error.code === code,
      code,
    );
  }
});

runWhereGranted(test);
