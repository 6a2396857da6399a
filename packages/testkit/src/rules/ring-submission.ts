import assert from 'node:assert/strict';
import {
  type Driver,
  type DriverCapabilities,
  Entry,
  InterestSlot,
  IORING_OP_ASYNC_CANCEL,
  IORING_OP_NOP,
  IORING_OP_POLL_ADD,
  IORING_OP_POLL_REMOVE,
  IORING_OP_READ,
  IORING_POLL_UPDATE_EVENTS,
  IORING_POLL_UPDATE_USER_DATA,
  nop,
  Pending,
  PollEvents,
  pollAdd,
  read,
  type SubmitOptions,
} from '@polyring/core';
import { turn } from '../polling/turn.js';
import { Wakes } from '../polling/wakes.js';
import type { Rule } from '../rule.js';
import { refusesOpcodes } from '../running/applicability.js';
import type { RuleContext } from '../running/context.js';
import { type Submit, submissions } from '../waitables/submissions.js';
import { forcedCollection } from './forced-collection.js';
import { ruleOf } from './rule-of.js';
import { isSystemError } from './system-error.js';

const UNKNOWN_OPCODE = 255;
/** No descriptor has this number. */
const NO_FD = 2 ** 30;
const UNSUPPORTED = { code: 'ERR_POLYRING_UNSUPPORTED' };

/** Submits that many NOPs in one go, and resolves when all of them have completed. */
async function nops(driver: Driver, count: number): Promise<void> {
  const results = await Promise.all(Array.from({ length: count }, () => driver.ioUringSubmit(nop())));
  assert.ok(results.every((result) => result === 0));
}

async function supports(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  const { ioUring }: Partial<DriverCapabilities> = driver.supports ?? {};
  assert.equal(typeof ioUring, 'boolean', 'supports.ioUring is neither true nor false');
}

async function probe(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  assert.equal(driver.ioUringProbe(IORING_OP_NOP), true);
  for (const opcode of [UNKNOWN_OPCODE, 256, 1000, -1, 1.5, Number.NaN]) {
    assert.equal(driver.ioUringProbe(opcode), false, `opcode ${opcode}`);
  }
}

async function unsupported(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  for (let opcode = 0; opcode < 256; opcode += 1) assert.equal(driver.ioUringProbe(opcode), false, `opcode ${opcode}`);
  await refusesOpcodes(driver, [IORING_OP_NOP, IORING_OP_READ, UNKNOWN_OPCODE]);
  using memory = driver.allocate(4096);
  assert.equal(memory.bytes.length, 4096);
  assert.ok(
    memory.bytes.every((byte) => byte === 0),
    'memory that is lent is not filled with zeros',
  );
  memory.bytes.fill(1);
  using later = await driver.allocateAsync(16, { align: 8 });
  assert.deepEqual([...later.bytes], Array(16).fill(0), 'memory that was waited for is not filled with zeros');
  assert.throws(() => driver.allocate(4096, { align: 4096 }), { code: 'ERR_POLYRING_UNSUPPORTED' });
}

async function unknownOpcode(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  await refusesOpcodes(driver, [UNKNOWN_OPCODE]);
  await nops(driver, 1);
  const unknown = Entry.unsafe({ opcode: UNKNOWN_OPCODE });
  const [refused, other] = await driver.submitMany([unknown, nop()]);
  assert.ok(
    refused?.status === 'rejected' && refused.reason.code === UNSUPPORTED.code,
    'one of several was not refused',
  );
  assert.equal(other?.status, 'fulfilled', 'the refusal of one of several kept another back');
  await assert.rejects(driver.submitLinked([nop(), unknown]), UNSUPPORTED);
}

/** So it is for wrong options, for wrong lists, and for memory that is waited for, whatever becomes of the promise. */
async function alwaysPromises(driver: Driver): Promise<void> {
  const wrong: readonly (() => Promise<unknown>)[] = [
    () => driver.ioUringSubmit(nop(), { signal: {} as AbortSignal }),
    () => driver.ioUringSubmit(nop(), { timeout: -1 }),
    () => driver.submitMany(undefined as never),
    () => driver.submitMany([nop()], { signal: {} as AbortSignal }),
    () => driver.submitLinked(5 as never),
    () => driver.submitLinked([nop()], { timeout: Number.NaN }),
    () => driver.allocateAsync(0),
  ];
  for (const submit of wrong) {
    let promise: Promise<unknown> | undefined;
    assert.doesNotThrow(() => {
      promise = submit();
    }, `${submit} threw`);
    assert.ok(promise instanceof Promise);
    await promise.catch(() => {});
  }
}

async function noSynchronousThrow(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  for (const entry of [undefined, null, {}, 5, Entry.unsafe({ opcode: UNKNOWN_OPCODE })]) {
    let promise: Promise<number> | undefined;
    assert.doesNotThrow(() => {
      promise = driver.ioUringSubmit(entry as Entry);
    });
    assert.ok(promise instanceof Promise);
    await assert.rejects(promise);
  }
  await alwaysPromises(driver);
  await driver.close();
  let late: Promise<number> | undefined;
  assert.doesNotThrow(() => {
    late = driver.ioUringSubmit(nop());
  });
  await assert.rejects(late as Promise<number>, { code: 'ERR_POLYRING_CLOSED' });
}

async function nopAlone(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  for (let count = 0; count < 10; count += 1) assert.equal(await driver.ioUringSubmit(nop()), 0);
  await nops(driver, 10);
}

async function submissionQueueFull(context: RuleContext): Promise<void> {
  await nops(await context.createDriver({ entries: 64 }), 80);
  const small = await context.createDriver({ entries: 8 });
  for (let round = 0; round < 5; round += 1) await nops(small, 1000);
}

async function completionQueueFull(context: RuleContext): Promise<void> {
  await nops(await context.createDriver({ entries: 64, completionEntries: 128 }), 256);
  const small = await context.createDriver({ entries: 8, completionEntries: 16 });
  for (let round = 0; round < 5; round += 1) await nops(small, 1000);
}

async function overflowAtOnce(context: RuleContext): Promise<void> {
  const driver = await context.createDriver({ entries: 8, completionEntries: 16 });
  const pipe = context.fixtures.pipe({ nonblock: false });
  const buffers = Array.from({ length: 200 }, () => Buffer.alloc(1));
  const reads = buffers.map((buffer) => driver.ioUringSubmit(read(pipe.reader.fd, buffer)));
  await context.barrier(driver);
  const content = context.random.bytes(200);
  pipe.writer.write(content);
  assert.ok((await Promise.all(reads)).every((count) => count === 1));
  const bytes = buffers.map((buffer) => buffer[0] as number);
  assert.deepEqual(bytes.sort(), [...content].sort(), 'the bytes read are not those that were written');
}

async function withoutSleep(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  const pipe = context.fixtures.pipe({ nonblock: false });
  const event = context.fixtures.eventfd();
  const buffer = Buffer.alloc(1);
  let spinning = true;
  const spin = (): void => {
    if (spinning && !context.signal.aborted) setImmediate(spin);
  };
  spin();
  for (let round = 0; round < 50; round += 1) {
    await nops(driver, 20);
    const reading = driver.ioUringSubmit(read(pipe.reader.fd, buffer));
    await context.barrier(driver);
    pipe.writer.write(Buffer.from([round]));
    assert.equal(await reading, 1);
    assert.equal(buffer[0], round);
    using readiness = driver.newDynFdReady(event.fd);
    const wakes = new Wakes();
    assert.equal(readiness.pollFdReady(wakes.waker, InterestSlot.Read, PollEvents.IN), Pending);
    event.signal();
    await wakes.beyond(0);
    event.take();
  }
  spinning = false;
}

async function entryAgain(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  const pipe = context.fixtures.pipe({ nonblock: false });
  const buffer = Buffer.alloc(4);
  const entry = read(pipe.reader.fd, buffer);
  const reading = driver.ioUringSubmit(entry);
  await assert.rejects(driver.ioUringSubmit(entry), { code: 'ERR_POLYRING_ENTRY_IN_FLIGHT' });
  await context.barrier(driver);
  await assert.rejects(driver.ioUringSubmit(entry), { code: 'ERR_POLYRING_ENTRY_IN_FLIGHT' });
  pipe.writer.write(Buffer.from('one'));
  assert.equal(await reading, 3);
  const again = driver.ioUringSubmit(entry);
  pipe.writer.write(Buffer.from('four'));
  assert.equal(await again, 4);
  assert.equal(buffer.toString(), 'four');
  await entryOfAnother(context, driver);
  await entryAfterFailure(context, driver);
  for (const submit of Object.values(submissions)) await entryInEachWay(context, driver, submit);
}

/** However an entry is submitted, and however it ends, it may be submitted again. */
async function entryInEachWay(context: RuleContext, driver: Driver, submit: Submit): Promise<void> {
  const { reader, writer } = context.fixtures.pipe({ nonblock: false });
  const entry = read(reader.fd, Buffer.alloc(1));
  const once = async (options?: SubmitOptions): Promise<void> => {
    // What is refused as it is in flight would be told as such, and the byte would stay.
    await submit(driver, entry, options).catch(() => {});
    writer.write(Buffer.from('x'));
    assert.equal(await driver.ioUringSubmit(entry), 1);
  };
  writer.write(Buffer.from('x'));
  await once();
  await once({ timeout: 1 });
  const controller = new AbortController();
  setImmediate(() => controller.abort());
  await once({ signal: controller.signal });
  await driver.submitLinked([read(NO_FD, Buffer.alloc(1)), entry]);
  await once({ timeout: 1 });
}

/** In flight is in flight, whichever driver is asked. */
async function entryOfAnother(context: RuleContext, driver: Driver): Promise<void> {
  const other = await context.createDriver();
  const pipe = context.fixtures.pipe({ nonblock: false });
  const entry = read(pipe.reader.fd, Buffer.alloc(1));
  const reading = driver.ioUringSubmit(entry);
  await assert.rejects(other.ioUringSubmit(entry), { code: 'ERR_POLYRING_ENTRY_IN_FLIGHT' });
  pipe.writer.write(Buffer.from('x'));
  assert.equal(await reading, 1);
  const again = other.ioUringSubmit(entry);
  pipe.writer.write(Buffer.from('x'));
  assert.equal(await again, 1);
}

/** A failure and an abort complete an entry as well. */
async function entryAfterFailure(context: RuleContext, driver: Driver): Promise<void> {
  const closed = context.fixtures.pipe();
  closed.reader.close();
  const failing = read(closed.reader.fd, Buffer.alloc(1));
  for (let round = 0; round < 2; round += 1) {
    await assert.rejects(driver.ioUringSubmit(failing), isSystemError('EBADF'));
  }
  const pipe = context.fixtures.pipe({ nonblock: false });
  const entry = read(pipe.reader.fd, Buffer.alloc(1));
  const controller = new AbortController();
  const aborted = driver.ioUringSubmit(entry, { signal: controller.signal });
  controller.abort();
  await assert.rejects(aborted, { name: 'AbortError' });
  const again = driver.ioUringSubmit(entry);
  pipe.writer.write(Buffer.from('x'));
  assert.equal(await again, 1);
}

async function userData(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  const event = context.fixtures.eventfd();
  const poll = pollAdd(event.fd, PollEvents.IN);
  const polling = driver.ioUringSubmit(poll);
  await context.barrier(driver);
  const update = { opcode: IORING_OP_POLL_REMOVE, opFlags: PollEvents.IN, off: 1 };
  const len = IORING_POLL_UPDATE_EVENTS | IORING_POLL_UPDATE_USER_DATA;
  for (const fields of [{ target: poll }, { addr: 0 }]) {
    const entry = Entry.unsafe({ ...update, len, ...fields });
    const refusal = { code: 'ERR_POLYRING_UNSUPPORTED' };
    await assert.rejects(driver.ioUringSubmit(entry), refusal);
    for (const end of [
      ...(await driver.submitMany([entry])),
      ...(await driver.submitLinked([entry]).catch(refusedAs)),
    ]) {
      assert.ok(end.status === 'rejected' && end.reason.code === refusal.code);
    }
  }
  event.signal();
  assert.equal(await polling, PollEvents.IN);
}

/** A chain that is refused as a whole. */
function refusedAs(reason: unknown): PromiseRejectedResult[] {
  return [{ status: 'rejected', reason }];
}

async function manyOperations(context: RuleContext): Promise<void> {
  const driver = await context.createDriver({ entries: 32 });
  for (let round = 0; round < 70; round += 1) await nops(driver, 1000);
  const collect = forcedCollection();
  const entries = await manyEntries(driver);
  await turn();
  collect();
  const kept = entries.filter((entry) => entry.deref() !== undefined).length;
  assert.ok(kept < entries.length / 2, `${kept} of ${entries.length} entries are kept when their operations are over`);
}

/** Entries that nobody but the driver has kept, when they have completed. */
async function manyEntries(driver: Driver): Promise<WeakRef<Entry>[]> {
  const entries = Array.from({ length: 1000 }, nop);
  await Promise.all(entries.map((entry) => driver.ioUringSubmit(entry)));
  return entries.map((entry) => new WeakRef(entry));
}

const rule = ruleOf('ring', 'ring', { needs: 'ioUring' });
const withoutRing = ruleOf('ring', 'ring', { unless: 'ioUring' });

/** The rules of submitting and completing. */
export const ringSubmissionRules: readonly Rule[] = [
  ruleOf('ring', 'ring')(
    'supports',
    'A driver says whether it has a ring: supports.ioUring is true or false',
    supports,
  ),
  withoutRing(
    'unsupported',
    'A driver without a ring probes false for every opcode and rejects with ERR_POLYRING_UNSUPPORTED',
    unsupported,
  ),
  rule('probe', 'The probe is true for NOP, and false, never a throw, for what no kernel has', probe),
  rule(
    'unknown-opcode',
    'An opcode whose probe is false rejects with ERR_POLYRING_UNSUPPORTED, and others go on',
    unknownOpcode,
  ),
  rule(
    'no-synchronous-throw',
    'A submission is always a promise, never a synchronous throw, and so is memory that is waited for',
    noSynchronousThrow,
  ),
  rule('nop', 'NOPs complete with 0, one after the other and ten at a time', nopAlone, { opcodes: [IORING_OP_NOP] }),
  rule(
    'submission-queue-full',
    'More submissions at a time than the submission queue has entries all complete',
    submissionQueueFull,
    { opcodes: [IORING_OP_NOP] },
  ),
  rule(
    'completion-queue-full',
    'More completions at a time than the completion queue has entries all arrive',
    completionQueueFull,
    { opcodes: [IORING_OP_NOP] },
  ),
  rule(
    'completion-overflow',
    'Operations that all complete while the driver does nothing arrive, whatever the completion queue holds',
    overflowAtOnce,
    { opcodes: [IORING_OP_READ] },
  ),
  rule('without-sleep', 'Completions arrive while the event loop never sleeps', withoutSleep, {
    opcodes: [IORING_OP_NOP, IORING_OP_READ],
  }),
  rule(
    'entry-in-flight',
    'An entry in flight is refused with ERR_POLYRING_ENTRY_IN_FLIGHT, and taken again once it completed',
    entryAgain,
    { opcodes: [IORING_OP_READ, IORING_OP_ASYNC_CANCEL] },
  ),
  rule('user-data', 'An entry that would change the user_data of a poll is refused, and the poll goes on', userData, {
    opcodes: [IORING_OP_POLL_ADD, IORING_OP_POLL_REMOVE],
  }),
  rule(
    'many-operations',
    '70,000 operations leave nothing behind that keeps the next one out, and no entry',
    manyOperations,
    {
      opcodes: [IORING_OP_NOP],
    },
  ),
];
