import { closeSync, openSync } from 'node:fs';
import {
  asyncCancel,
  type Driver,
  type Entry,
  isPolyringError,
  nop,
  read,
  type SubmitLinkedOptions,
  sendmsg,
  write,
  writev,
} from '@polyring/core';
import { close, pipe2, write as writeNow } from '@polyring/sys';
import { rejectionOf, rejects, throws } from '@polyring/test-support';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { uringBackend } from '../factory.js';
import { runWhereGranted } from '../run-where-granted.test-support.js';

test('a full pool rejects, and the driver goes on when memory was given back', async () => {
  const driver = uringBackend.create({ poolLimit: 65536 });
  const [readEnd, writeEnd] = pipe2();
  const reading = driver.ioUringSubmit(read(readEnd, Buffer.alloc(60_000)));
  const refused = await rejectionOf(driver.ioUringSubmit(read(readEnd, Buffer.alloc(60_000))));
  assert.ok(isPolyringError(refused) && refused.code === 'ERR_POLYRING_POOL_EXHAUSTED');
  writeNow(writeEnd, Buffer.from('x'));
  assert.is(await reading, 1);
  writeNow(writeEnd, Buffer.from('yz'));
  assert.is(await driver.ioUringSubmit(read(readEnd, Buffer.alloc(60_000))), 2);
  await driver.close();
  close(readEnd);
  close(writeEnd);
});

test('a submission waits for memory where its driver or its caller says so', async () => {
  for (const [driverOption, own] of [
    ['wait', undefined],
    ['reject', 'wait'],
  ] as const) {
    const driver = uringBackend.create({ poolLimit: 65536, poolExhausted: driverOption });
    const [readEnd, writeEnd] = pipe2();
    const submit = (signal?: AbortSignal): Promise<number> =>
      driver.ioUringSubmit(read(readEnd, Buffer.alloc(60_000)), { poolExhausted: own, signal });
    const controller = new AbortController();
    const [first, second, aborted, last] = [submit(), submit(), submit(controller.signal), submit()];
    controller.abort();
    await rejects(aborted, 'ABORT_ERR');
    for (const reading of [first, second, last]) {
      writeNow(writeEnd, Buffer.from('x'));
      assert.is(await reading, 1);
    }
    const refused = driver.ioUringSubmit(read(readEnd, Buffer.alloc(60_000)), { poolExhausted: 'reject' });
    writeNow(writeEnd, Buffer.from('x'));
    assert.is(await refused, 1);
    await driver.close();
    close(readEnd);
    close(writeEnd);
  }
});

test('an entry that waits for memory is in flight, and its buffer may go meanwhile', async () => {
  const driver = uringBackend.create({ poolLimit: 65536, poolExhausted: 'wait' });
  const [readEnd, writeEnd] = pipe2();
  const reading = driver.ioUringSubmit(read(readEnd, Buffer.alloc(60_000)));
  const view = new Uint8Array(60_000);
  const entry = read(readEnd, view);
  const waiting = rejects(driver.ioUringSubmit(entry), 'ERR_POLYRING_DETACHED');
  await rejects(driver.ioUringSubmit(entry), 'ERR_POLYRING_ENTRY_IN_FLIGHT');
  await rejects(driver.ioUringSubmit(asyncCancel(entry)), 'ENOENT');
  structuredClone(0, { transfer: [view.buffer] });
  writeNow(writeEnd, Buffer.from('x'));
  assert.is(await reading, 1);
  await waiting;
  assert.is(entry.owner, undefined);
  await driver.close();
  close(readEnd);
  close(writeEnd);
});

test('what waits for memory when its driver is closed is refused, and what can never be had at once', async () => {
  const driver = uringBackend.create({ poolLimit: 65536, poolExhausted: 'wait' });
  const memory = driver.allocate(60_000);
  const never = [driver.allocateAsync(70_000), driver.ioUringSubmit(read(0, Buffer.alloc(70_000)))];
  for (const promise of never) await rejects(promise, 'ERR_POLYRING_POOL_EXHAUSTED');
  const waiting = [driver.allocateAsync(10), driver.ioUringSubmit(read(0, Buffer.alloc(10)))].map((promise) =>
    rejects(promise, 'ERR_POLYRING_CLOSED'),
  );
  await driver.close();
  await Promise.all(waiting);
  memory.release();
});

test('memory is lent to who waits once it was released and no operation uses it any more', async () => {
  const driver = uringBackend.create({ poolLimit: 65536 });
  const [readEnd, writeEnd] = pipe2();
  const memory = driver.allocate(60_000);
  const block = { limit: 65536, capacity: 65536, lent: 65536, inFlight: 0, waiting: 0 };
  assert.equal(driver.ioUring.pool, block);
  const reading = driver.ioUringSubmit(read(readEnd, memory.bytes));
  const controller = new AbortController();
  const aborted = driver.allocateAsync(60_000, { signal: controller.signal });
  controller.abort();
  await rejects(aborted, 'ABORT_ERR');
  let lent = false;
  const waiting = driver.allocateAsync(60_000).then((again) => {
    lent = true;
    return again;
  });
  memory.release();
  await driver.ioUringSubmit(nop());
  assert.is(lent, false);
  assert.equal(driver.ioUring.pool, { ...block, lent: 0, inFlight: 65536, waiting: 1 });
  writeNow(writeEnd, Buffer.from('x'));
  assert.is(await reading, 1);
  const again = await waiting;
  assert.is(again.bytes[0], 0);
  again.release();
  await driver.close();
  close(readEnd);
  close(writeEnd);
});

test('a submission that waits for memory keeps the options that it was given', async () => {
  const [reader, writer] = pipe2();
  const submits: Record<string, (driver: Driver, options: SubmitLinkedOptions) => Promise<unknown>> = {
    ioUringSubmit: (driver, options) => driver.ioUringSubmit(read(reader, Buffer.alloc(1)), options),
    submitMany: async (driver, options) => {
      const [one] = await driver.submitMany([read(reader, Buffer.alloc(1))], options);
      if (one?.status === 'rejected') throw one.reason;
    },
    submitLinked: async (driver, options) => {
      const [one] = await driver.submitLinked([read(reader, Buffer.alloc(1))], options);
      if (one?.status === 'rejected') throw one.reason;
    },
  };
  for (const [name, submit] of Object.entries(submits)) {
    const driver = uringBackend.create({ poolLimit: 65536 });
    const lent = driver.allocate(65536);
    const [own, others] = [new AbortController(), new AbortController()];
    const options: { poolExhausted?: 'wait'; signal: AbortSignal } = { poolExhausted: 'wait', signal: own.signal };
    const reading = submit(driver, options).catch((error: unknown) => error);
    const loan = driver.allocateAsync(1, options);
    assert.is(driver.ioUring.pool.waiting, 2, name);
    options.signal = others.signal;
    delete options.poolExhausted;
    lent.release();
    (await loan).release();
    others.abort('not this one');
    await driver.ioUringSubmit(nop());
    own.abort('enough');
    assert.is(((await reading) as Error).cause, 'enough', name);
    await driver.close();
  }
  close(reader);
  close(writer);
});

test('linked operations that need more memory together than there can be are refused, and keep nobody waiting', async () => {
  const driver = uringBackend.create({ poolLimit: 131_072, poolExhausted: 'wait' });
  const fd = openSync('/dev/null', 'w');
  const writes = (count: number, bytes: number) => Array.from({ length: count }, () => write(fd, Buffer.alloc(bytes)));
  const refused = async (...lists: Entry[][]): Promise<void> => {
    for (const entries of lists) {
      const { message } = await rejects(driver.submitLinked(entries), 'ERR_POLYRING_POOL_EXHAUSTED');
      assert.match(message, /together.*"poolLimit"/);
      assert.is(driver.ioUring.pool.waiting, 0);
    }
  };
  await refused(writes(3, 65_536), writes(5, 32_000), [writev(fd, [Buffer.alloc(65_536)]), ...writes(2, 40_000)]);
  const lent = driver.allocate(1);
  await refused(writes(3, 65_536), [sendmsg(fd, { buffers: [Buffer.alloc(65_536)] }), ...writes(2, 40_000)]);
  const waiting = driver.submitLinked(writes(2, 40_000));
  assert.is(driver.ioUring.pool.waiting, 1, 'what is lent may come back');
  lent.release();
  assert.equal(
    await waiting,
    [40_000, 40_000].map((value) => ({ status: 'fulfilled', value })),
  );
  await driver.close();
  closeSync(fd);
});

test('a choice that is none is refused, for a driver and for a submission', async () => {
  const driver = uringBackend.create();
  for (const [poolExhausted, code] of [
    ['maybe', 'ERR_INVALID_ARG_VALUE'],
    [1, 'ERR_INVALID_ARG_TYPE'],
  ] as [never, string][]) {
    throws(() => uringBackend.create({ poolExhausted }), code);
    await rejects(driver.ioUringSubmit(nop(), { poolExhausted }), code);
  }
  await driver.close();
});

runWhereGranted(test);
