import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import {
  type Driver,
  Entry,
  fsync,
  IORING_OP_FSYNC,
  IORING_OP_NOP,
  IORING_OP_READ,
  IORING_OP_RECV,
  IORING_OP_SPLICE,
  IORING_OP_WRITE,
  IOSQE_CQE_SKIP_SUCCESS,
  IOSQE_IO_DRAIN,
  IOSQE_IO_HARDLINK,
  IOSQE_IO_LINK,
  MSG_WAITALL,
  nop,
  now,
  read,
  recv,
  splice,
  write,
} from '@polyring/core';
import type { Pipe } from '../fixtures/fixtures.js';
import { sleep } from '../polling/sleep.js';
import type { Rule } from '../rule.js';
import type { RuleContext } from '../running/context.js';
import { ruleOf } from './rule-of.js';
import { isSystemError } from './system-error.js';

const SECTION = 'several-operations-at-once';

/** No descriptor has this number. */
const NO_FD = 2 ** 30;

/** What became of an entry: its result, or the code of its error. */
function endOf(settled: PromiseSettledResult<number>): number | string {
  if (settled.status === 'fulfilled') return settled.value;
  return String((settled.reason as NodeJS.ErrnoException).code);
}

function endsOf(settled: readonly PromiseSettledResult<number>[]): (number | string)[] {
  return settled.map(endOf);
}

async function many(context: RuleContext): Promise<void> {
  const driver = await context.createDriver({ entries: 16 });
  const content = context.random.bytes(3000);
  const { fd } = context.fixtures.tempFile(content);
  assert.deepEqual(await driver.submitMany([]), []);
  const buffers = Array.from({ length: 300 }, () => Buffer.alloc(10));
  const entries = buffers.map((buffer, index) => read(index % 7 === 3 ? NO_FD : fd, buffer, index * 10));
  const inFlight = read(context.fixtures.pipe({ nonblock: false }).reader.fd, Buffer.alloc(1));
  const controller = new AbortController();
  const waiting = assert.rejects(driver.ioUringSubmit(inFlight, { signal: controller.signal }), { code: 'ABORT_ERR' });
  const settled = await driver.submitMany([...entries.slice(0, 150), inFlight, ...entries.slice(150)]);
  assert.equal(settled.length, 301);
  assert.equal(endOf(settled.splice(150, 1)[0] as PromiseSettledResult<number>), 'ERR_POLYRING_ENTRY_IN_FLIGHT');
  for (const [index, each] of settled.entries()) {
    assert.equal(endOf(each), index % 7 === 3 ? 'EBADF' : 10, `entry ${index}`);
    if (each.status === 'rejected') isSystemError('EBADF')(each.reason);
    if (index % 7 !== 3) assert.ok(buffers[index]?.equals(content.subarray(index * 10, index * 10 + 10)));
  }
  controller.abort();
  await waiting;
}

async function linked(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  const { fd } = context.fixtures.tempFile();
  for (let round = 0; round < 50; round += 1) {
    const sent = context.random.bytes(100);
    const received = Buffer.alloc(100);
    const ends = endsOf(await driver.submitLinked([write(fd, sent, 0), fsync(fd), read(fd, received, 0)]));
    assert.deepEqual(ends, [100, 0, 100]);
    assert.ok(received.equals(sent), 'a read began before the write that it was linked behind was over');
  }
}

async function stopsAtFailure(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  const file = context.fixtures.tempFile('as it was');
  const ends = endsOf(
    await driver.submitLinked([
      nop(),
      read(NO_FD, Buffer.alloc(1), 0),
      write(file.fd, Buffer.from('other'), 0),
      write(file.fd, Buffer.from('other'), 0),
    ]),
  );
  assert.deepEqual(ends, [0, 'EBADF', 'ECANCELED', 'ECANCELED']);
  const short = [read(file.fd, Buffer.alloc(100), 0), write(file.fd, Buffer.from('other'), 0)];
  assert.deepEqual(endsOf(await driver.submitLinked(short)), [9, 'ECANCELED'], 'a short read did not end the chain');
  assert.equal(readFileSync(file.path, 'utf8'), 'as it was', 'an operation ran behind one that failed');
  const [one, other] = context.fixtures.socketPair();
  const receive = (flags: number) => [recv(one.fd, Buffer.alloc(100), { flags }), nop()];
  other.write(Buffer.from('short'));
  assert.deepEqual(endsOf(await driver.submitLinked(receive(0))), [5, 0], 'a short receive ended the chain');
  other.write(Buffer.from('short'));
  other.close();
  const insisting = endsOf(await driver.submitLinked(receive(MSG_WAITALL)));
  assert.deepEqual(insisting, [5, 'ECANCELED'], 'a short receive with MSG_WAITALL did not end the chain');
}

async function hard(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  const file = context.fixtures.tempFile('as it was');
  const entries = [read(NO_FD, Buffer.alloc(1), 0), write(file.fd, Buffer.from('is now'), 0), nop()];
  assert.deepEqual(endsOf(await driver.submitLinked(entries, { hard: true })), ['EBADF', 6, 0]);
  assert.equal(readFileSync(file.path, 'utf8'), 'is nowwas');
}

async function whole(context: RuleContext): Promise<void> {
  const driver = await context.createDriver({ entries: 8, completionEntries: 16 });
  const { fd } = context.fixtures.tempFile();
  const others: Promise<number>[] = [];
  const chains = Array.from({ length: 40 }, async (_, index) => {
    // Entries of others before it, so that the chain finds a queue that has no room for all of it.
    for (let count = 0; count < index % 8; count += 1) others.push(driver.ioUringSubmit(nop()));
    const at = index * 10;
    const received = Array.from({ length: 3 }, () => Buffer.alloc(2));
    const sent = Buffer.from([index, 1, index, 2, index, 3]);
    const ends = await driver.submitLinked(
      [0, 1, 2].flatMap((step) => [
        write(fd, sent.subarray(step * 2, step * 2 + 2), at),
        read(fd, received[step] as Buffer, at),
      ]),
    );
    assert.deepEqual(endsOf(ends), [2, 2, 2, 2, 2, 2]);
    assert.deepEqual([...Buffer.concat(received)], [...sent], 'operations of one chain ran out of order');
  });
  await Promise.all(chains);
  await Promise.all(others);
  const tooMany = Array.from({ length: 9 }, () => nop());
  await assert.rejects(driver.submitLinked(tooMany), { code: 'ERR_OUT_OF_RANGE' });
}

async function timeouts(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  const TIMEOUT = { code: 'ERR_POLYRING_TIMEOUT' };
  const { reader, writer } = context.fixtures.pipe({ nonblock: false });
  const buffer = Buffer.alloc(1);
  for (let round = 0; round < 20; round += 1) {
    const end = now() + 3;
    await assert.rejects(driver.ioUringSubmit(read(reader.fd, buffer), { timeout: 3 }), TIMEOUT);
    assert.ok(now() >= end, `an operation was cancelled ${end - now()} ms early`);
  }
  // A worker of the kernel does this one.
  const moving = splice(reader.fd, context.fixtures.pipe({ nonblock: false }).writer.fd, 1);
  await assert.rejects(driver.ioUringSubmit(moving, { timeout: 3 }), TIMEOUT);
  const twoStart = now();
  const two = [read(reader.fd, Buffer.alloc(1)), read(reader.fd, Buffer.alloc(1))];
  assert.deepEqual(endsOf(await driver.submitMany(two, { timeout: 4 })), [TIMEOUT.code, TIMEOUT.code]);
  const chain = [nop(), read(reader.fd, Buffer.alloc(1)), nop()];
  const [first, second, third] = endsOf(await driver.submitLinked(chain, { timeout: 4 }));
  assert.ok(now() >= twoStart + 8, `operations were cancelled ${twoStart + 8 - now()} ms early`);
  assert.deepEqual([first, second], [0, TIMEOUT.code]);
  assert.ok([TIMEOUT.code, 'ECANCELED'].includes(String(third)), `the last of a chain ended with ${third}`);
  writer.write(Buffer.from('x'));
  assert.equal(await driver.ioUringSubmit(read(reader.fd, buffer), { timeout: 3_600_000 }), 1, 'the byte is gone');
  assert.equal(buffer.toString(), 'x');
  await limitOfBefore(driver, context.fixtures.pipe({ nonblock: false }));
}

/** A time limit is that of one submission, and not of the next one of the same entry. */
async function limitOfBefore(driver: Driver, { reader, writer }: Pipe): Promise<void> {
  const limit = 50;
  const entry = read(reader.fd, Buffer.alloc(1));
  writer.write(Buffer.from('x'));
  assert.equal(await driver.ioUringSubmit(entry, { timeout: limit }), 1);
  const again = driver.ioUringSubmit(entry);
  await sleep(driver, 2 * limit);
  writer.write(Buffer.from('x'));
  assert.equal(await again, 1, 'the time limit of an earlier submission ended this one of the same entry');
}

async function aborts(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  const file = context.fixtures.tempFile('as it was');
  const { reader } = context.fixtures.pipe({ nonblock: false });
  const controller = new AbortController();
  const { signal } = controller;
  const written = (): Entry => write(file.fd, Buffer.from('other'), 0);
  const chain = driver.submitLinked([nop(), read(reader.fd, Buffer.alloc(1)), written(), written()], { signal });
  const several = driver.submitMany([nop(), read(reader.fd, Buffer.alloc(1))], { signal });
  await context.barrier(driver);
  const reason = new Error('not wanted');
  controller.abort(reason);
  const cancelled = (end: number | string | undefined): boolean => end === 'ABORT_ERR' || end === 'ECANCELED';
  const [first, ...rest] = endsOf(await chain);
  assert.equal(first, 0);
  assert.ok(rest.length === 3 && rest.every(cancelled), `a chain that was aborted ended with ${rest.join()}`);
  const [one, other] = await several;
  assert.deepEqual(one, { status: 'fulfilled', value: 0 });
  assert.ok(other?.status === 'rejected' && cancelled(other.reason.code), 'what was aborted did not end as cancelled');
  if (other.reason.code === 'ABORT_ERR')
    assert.equal(other.reason.cause, reason, "the cause is not the signal's reason");
  assert.equal(readFileSync(file.path, 'utf8'), 'as it was', 'an operation ran behind one that was cancelled');
  await abortedBefore(context, driver);
}

/** Nothing begins whose signal was aborted before. */
async function abortedBefore(context: RuleContext, driver: Driver): Promise<void> {
  const file = context.fixtures.tempFile('as it was');
  const reason = new Error('not wanted');
  const signal = AbortSignal.abort(reason);
  const aborted = { name: 'AbortError', code: 'ABORT_ERR', cause: reason };
  const written = (): Entry[] => [write(file.fd, Buffer.from('other'), 0), nop()];
  await assert.rejects(driver.submitMany(written(), { signal }), aborted);
  await assert.rejects(driver.submitLinked(written(), { signal }), aborted);
  await context.barrier(driver);
  assert.equal(readFileSync(file.path, 'utf8'), 'as it was', 'operations ran whose signal was aborted before');
}

async function refusals(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  const file = context.fixtures.tempFile('as it was');
  const memory = driver.allocate(16);
  const { bytes } = memory;
  memory.release();
  const chain = [write(file.fd, Buffer.from('other'), 0), nop(), read(file.fd, bytes, 0)];
  await assert.rejects(driver.submitLinked(chain), { code: 'ERR_POLYRING_RELEASED' });
  await context.barrier(driver);
  assert.equal(readFileSync(file.path, 'utf8'), 'as it was', 'a chain of which an entry was refused has begun');
  const twice = nop();
  await assert.rejects(driver.submitLinked([twice, twice]), { code: 'ERR_POLYRING_ENTRY_IN_FLIGHT' });
  assert.equal(await driver.ioUringSubmit(twice), 0, 'an entry of a chain that was refused stays in flight');
  assert.deepEqual(endsOf(await driver.submitMany([nop(), read(file.fd, bytes, 0)])), [0, 'ERR_POLYRING_RELEASED']);
  await assert.rejects(driver.submitMany(5 as never), { code: 'ERR_INVALID_ARG_TYPE' });
  await assert.rejects(driver.submitLinked(5 as never), { code: 'ERR_INVALID_ARG_TYPE' });
}

async function flags(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  const UNSUPPORTED = { code: 'ERR_POLYRING_UNSUPPORTED' };
  const flagged = (bits: number): Entry => Entry.unsafe({ opcode: IORING_OP_NOP, flags: bits });
  for (const link of [IOSQE_IO_LINK, IOSQE_IO_HARDLINK]) {
    const refusal = { ...UNSUPPORTED, message: /submitLinked/ };
    await assert.rejects(driver.ioUringSubmit(flagged(link)), refusal);
    await assert.rejects(driver.ioUringSubmit(flagged(link), { timeout: 1000 }), refusal);
    assert.deepEqual(endsOf(await driver.submitMany([flagged(link), nop()])), [UNSUPPORTED.code, 0]);
    await assert.rejects(driver.submitLinked([nop(), flagged(link)]), refusal);
    assert.deepEqual(endsOf(await driver.submitLinked([flagged(link), nop()])), [0, 0]);
  }
  for (const flag of [IOSQE_CQE_SKIP_SUCCESS, IOSQE_IO_DRAIN]) {
    await assert.rejects(driver.ioUringSubmit(flagged(flag)), UNSUPPORTED);
    await assert.rejects(driver.submitLinked([flagged(flag), nop()]), UNSUPPORTED);
  }
}

async function closes(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  const { reader } = context.fixtures.pipe({ nonblock: false });
  const waiting = (): Entry => read(reader.fd, Buffer.alloc(1));
  const pending = [driver.submitMany([waiting(), waiting()]), driver.submitLinked([waiting(), nop()])];
  const limited = driver.ioUringSubmit(waiting(), { timeout: 3_600_000 });
  const isOver = ({ code }: NodeJS.ErrnoException): boolean => code === 'ECANCELED' || code === 'ERR_POLYRING_CLOSED';
  const ended = assert.rejects(limited, isOver);
  await context.barrier(driver);
  await driver.close();
  await ended;
  for (const settled of await Promise.all(pending)) {
    for (const each of settled) assert.ok(each.status === 'rejected' && isOver(each.reason), String(endOf(each)));
  }
  await assert.rejects(driver.submitLinked([nop()]), { code: 'ERR_POLYRING_CLOSED' });
}

async function unsupported(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  await assert.rejects(driver.submitMany([nop()]), { code: 'ERR_POLYRING_UNSUPPORTED' });
  await assert.rejects(driver.submitLinked([nop()]), { code: 'ERR_POLYRING_UNSUPPORTED' });
}

const rule = ruleOf('chains', SECTION, { needs: 'ioUring' });
const withoutRing = ruleOf('chains', SECTION, { unless: 'ioUring' });

/** The rules of several operations that are submitted at once, and of those with a time limit. */
export const chainRules: readonly Rule[] = [
  rule('many', 'Independent operations give one result each, in order, whatever became of the others', many, {
    opcodes: [IORING_OP_READ],
  }),
  rule('linked', 'An operation begins when the one that it is linked behind is over', linked, {
    opcodes: [IORING_OP_READ, IORING_OP_WRITE, IORING_OP_FSYNC],
  }),
  rule('failure', 'Behind an operation that failed, or fell short, none of the chain runs', stopsAtFailure, {
    opcodes: [IORING_OP_NOP, IORING_OP_READ, IORING_OP_RECV, IORING_OP_WRITE],
  }),
  rule('hard', 'A hard link goes on after a failure', hard, {
    opcodes: [IORING_OP_NOP, IORING_OP_READ, IORING_OP_WRITE],
  }),
  rule('whole', 'A chain runs in order though the queue had no room for all of it', whole, {
    opcodes: [IORING_OP_NOP, IORING_OP_READ, IORING_OP_WRITE],
  }),
  rule(
    'timeout',
    'A time limit cancels what is not over, never early, and what is cancelled consumes nothing',
    timeouts,
    { opcodes: [IORING_OP_NOP, IORING_OP_READ, IORING_OP_SPLICE] },
  ),
  rule('abort', 'An aborted signal cancels what is not over, and nothing behind it runs', aborts, {
    opcodes: [IORING_OP_NOP, IORING_OP_READ, IORING_OP_WRITE],
  }),
  rule('refusal', 'A chain of which an entry is refused does not begin', refusals, {
    opcodes: [IORING_OP_NOP, IORING_OP_READ, IORING_OP_WRITE],
  }),
  rule(
    'flags',
    'Flags that link an entry to those of others, hold others up or leave its promise unsettled are refused',
    flags,
    { opcodes: [IORING_OP_NOP] },
  ),
  rule('close', 'Closing the driver settles what was submitted together', closes, {
    opcodes: [IORING_OP_NOP, IORING_OP_READ],
  }),
  withoutRing(
    'unsupported',
    'A driver without a ring rejects several operations at once with ERR_POLYRING_UNSUPPORTED',
    unsupported,
  ),
];
