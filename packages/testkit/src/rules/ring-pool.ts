import assert from 'node:assert/strict';
import { constants, openSync } from 'node:fs';
import { after, type Driver, type DriverMemory, IORING_OP_NOP, IORING_OP_READ, nop, read } from '@polyring/core';
import { Descriptor } from '../fixtures/descriptor.js';
import { ready } from '../polling/ready.js';
import type { Rule } from '../rule.js';
import type { RuleContext } from '../running/context.js';
import { ruleOf } from './rule-of.js';

const EXHAUSTED = { code: 'ERR_POLYRING_POOL_EXHAUSTED' };
const CLOSED = { code: 'ERR_POLYRING_CLOSED' };

/** The most bytes of the pools of these rules. */
const LIMIT = 262_144;

/** Bytes that fit a few times. */
const PIECE = 60_000;

/** Lends pieces until there is no room for another. */
function exhaust(driver: Driver): DriverMemory[] {
  const lent: DriverMemory[] = [];
  for (;;) {
    try {
      lent.push(driver.allocate(PIECE));
    } catch (error) {
      assert.equal((error as NodeJS.ErrnoException).code, EXHAUSTED.code, String(error));
      assert.ok(lent.length > 0, `a pool of ${LIMIT} bytes has no room for ${PIECE}`);
      return lent;
    }
    assert.ok(lent.length * PIECE <= LIMIT, `${lent.length * PIECE} bytes are lent of a pool of ${LIMIT}`);
  }
}

/** The only one of several loans, or the last. */
function last(lent: DriverMemory[]): DriverMemory {
  return lent.at(-1) ?? assert.fail('nothing is lent');
}

async function exhausted(context: RuleContext): Promise<void> {
  const driver = await context.createDriver({ poolLimit: LIMIT });
  const { reader, writer } = context.fixtures.pipe({ nonblock: false });
  const reading = (): Promise<number> => driver.ioUringSubmit(read(reader.fd, Buffer.alloc(PIECE)));
  for (let round = 0; round < 3; round += 1) {
    const lent = exhaust(driver);
    const { limit, capacity } = driver.ioUring.pool;
    assert.ok(limit === LIMIT && capacity <= LIMIT && driver.ioUring.pool.lent >= lent.length * PIECE);
    await assert.rejects(reading(), EXHAUSTED);
    const event = context.fixtures.eventfd({ initial: 1 });
    using timer = driver.newDynTimer();
    using wait = driver.newDynWait(event.fd, 8);
    const deadline = after(1);
    await ready((waker) => timer.pollTimer(waker, deadline));
    await ready((waker) => wait.pollWait(waker));
    assert.equal(await driver.ioUringSubmit(nop()), 0);
    writer.write(Buffer.from('x'));
    assert.equal(await driver.ioUringSubmit(read(reader.fd, last(lent).bytes)), 1);
    last(lent).release();
    writer.write(Buffer.from('x'));
    assert.equal(await reading(), 1, 'a pool that has room again is of no use');
    for (const memory of lent) memory.release();
    assert.deepEqual([driver.ioUring.pool.lent, driver.ioUring.pool.inFlight], [0, 0]);
  }
}

async function waitsInOrder(context: RuleContext): Promise<void> {
  const driver = await context.createDriver({ poolLimit: LIMIT });
  const lent = exhaust(driver);
  await assert.rejects(driver.allocateAsync(LIMIT + 1), EXHAUSTED, 'what can never be had waits');
  const { fd } = context.fixtures.pipe({ nonblock: false }).reader;
  const chain = Array.from({ length: 8 }, () => read(fd, Buffer.alloc(PIECE)));
  const linked = driver.submitLinked(chain, { poolExhausted: 'wait' });
  await assert.rejects(linked, EXHAUSTED, 'a chain that needs more together than there is waits');
  const order: number[] = [];
  // The first is larger than what one release makes room for.
  const waiting = [2 * PIECE, 100, PIECE].map(async (byteLength) => {
    const memory = await driver.allocateAsync(byteLength);
    order.push(byteLength);
    assert.ok(
      memory.bytes.length === byteLength && memory.bytes.every((byte) => byte === 0),
      'memory that is lent is not filled with zeros',
    );
    memory.release();
  });
  await context.barrier(driver);
  assert.equal(driver.ioUring.pool.waiting, waiting.length);
  assert.throws(() => driver.allocate(PIECE), EXHAUSTED);
  for (const memory of lent) {
    memory.bytes.fill(0xaa);
    memory.release();
    await context.barrier(driver);
  }
  await Promise.all(waiting);
  assert.deepEqual(order, [2 * PIECE, 100, PIECE], 'those who waited were not served in their order');
  assert.equal(driver.ioUring.pool.waiting, 0);
}

async function submissionsWait(context: RuleContext): Promise<void> {
  const { fixtures } = context;
  const drivers = [
    await context.createDriver({ poolLimit: LIMIT, poolExhausted: 'wait' }),
    await context.createDriver({ poolLimit: LIMIT }),
  ] as const;
  for (const [driver, options] of [
    [drivers[0], {}],
    [drivers[1], { poolExhausted: 'wait' }],
  ] as const) {
    const { reader, writer } = fixtures.pipe({ nonblock: false });
    const lent = exhaust(driver);
    const buffers = Array.from({ length: 5 }, () => Buffer.alloc(PIECE));
    const reads = buffers.map((buffer) => driver.ioUringSubmit(read(reader.fd, buffer), options));
    const controller = new AbortController();
    const { signal } = controller;
    const aborted = driver.ioUringSubmit(read(reader.fd, Buffer.alloc(PIECE)), { ...options, signal });
    await context.barrier(driver);
    controller.abort();
    await assert.rejects(aborted, { name: 'AbortError', code: 'ABORT_ERR' });
    for (const memory of lent) memory.release();
    for (let count = 0; count < reads.length; count += 1) {
      writer.write(Buffer.from('x'));
      const seen = buffers.filter((buffer) => buffer[0] === 0x78).length;
      assert.ok(seen <= count, 'one byte ended two reads');
      await Promise.any(reads.filter((_, index) => buffers[index]?.[0] !== 0x78));
    }
    assert.ok((await Promise.all(reads)).every((count) => count === 1));
  }
}

/** A signal that is aborted when memory was lent takes nothing back. */
async function abortedLate(driver: Driver, one: DriverMemory): Promise<void> {
  const controller = new AbortController();
  const waiting = driver.allocateAsync(PIECE, { signal: controller.signal });
  one.release();
  await waiting;
  const { lent } = driver.ioUring.pool;
  controller.abort();
  assert.equal(driver.ioUring.pool.lent, lent, 'a signal took memory back that had been lent');
}

async function waitersEnd(context: RuleContext): Promise<void> {
  const driver = await context.createDriver({ poolLimit: LIMIT, poolExhausted: 'wait' });
  const lent = exhaust(driver);
  const reason = new Error('enough');
  const controller = new AbortController();
  const aborted = driver.allocateAsync(PIECE, { signal: controller.signal });
  controller.abort(reason);
  await assert.rejects(aborted, { name: 'AbortError', code: 'ABORT_ERR', cause: reason });
  await abortedLate(driver, last(lent));
  const { reader } = context.fixtures.pipe({ nonblock: false });
  const waiting = [driver.allocateAsync(PIECE), driver.ioUringSubmit(read(reader.fd, Buffer.alloc(PIECE)))];
  const refused = waiting.map((promise) => assert.rejects(promise, CLOSED));
  await context.barrier(driver);
  await driver.close();
  await Promise.all(refused);
}

/** Bytes that a device reads and writes at a time, as a power of two that suits all of them. */
const DIRECT = 4096;

async function aligned(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  for (const align of [0, 3, 8192, 1.5]) {
    assert.throws(() => driver.allocate(16, { align }), { code: 'ERR_OUT_OF_RANGE' });
    await assert.rejects(driver.allocateAsync(16, { align }), { code: 'ERR_OUT_OF_RANGE' });
  }
  const content = context.random.bytes(DIRECT);
  const { path, fd } = context.fixtures.tempFile(content);
  const direct = openDirect(context, path) ?? fd;
  const loans = [1, 8, 64, 512, 4096].flatMap((align) =>
    Array.from({ length: 5 }, () => context.fixtures.keep(driver.allocate(align === 4096 ? DIRECT : 100, { align }))),
  );
  for (const { bytes } of loans) {
    if (bytes.length < DIRECT) continue;
    assert.equal(await driver.ioUringSubmit(read(direct, bytes, 0)), DIRECT);
    assert.ok(bytes.equals(content), 'the bytes read are not those of the file');
  }
}

/** Opens a file past the page cache; nothing where its file system cannot do that. */
function openDirect(context: RuleContext, path: string): number | undefined {
  try {
    return context.fixtures.keep(new Descriptor(openSync(path, constants.O_RDONLY | constants.O_DIRECT))).fd;
  } catch {
    return undefined;
  }
}

const rule = ruleOf('ring', 'memory', { needs: 'ioUring' });

/** The rules of how much memory a driver has, and of who waits for it. */
export const ringPoolRules: readonly Rule[] = [
  rule(
    'pool-exhausted',
    "At its limit the driver's memory refuses loans and copies with ERR_POLYRING_POOL_EXHAUSTED, and stops nothing else",
    exhausted,
    { opcodes: [IORING_OP_READ, IORING_OP_NOP] },
  ),
  rule(
    'pool-order',
    'Those who wait for memory are served in their order, a large request among small ones too',
    waitsInOrder,
  ),
  rule(
    'pool-submissions-wait',
    'A submission waits for memory where its driver or its caller says so, and completes',
    submissionsWait,
    { opcodes: [IORING_OP_READ] },
  ),
  rule('pool-waiters-end', 'Who waits for memory is ended by a signal, and by closing the driver', waitersEnd, {
    opcodes: [IORING_OP_READ],
  }),
  rule('aligned-memory', 'Memory is aligned as asked, and an alignment that is none is refused', aligned, {
    opcodes: [IORING_OP_READ],
  }),
];
