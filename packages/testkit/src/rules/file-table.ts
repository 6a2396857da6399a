import assert from 'node:assert/strict';
import { constants } from 'node:fs';
import { type Driver, IORING_OP_OPENAT, IORING_OP_READ, openat, type RawFd, read } from '@polyring/core';
import type { Rule } from '../rule.js';
import type { RuleContext } from '../running/context.js';
import { NO_NUMBERS, NO_OPTIONAL_NUMBERS, refuses } from './refusals.js';
import { ruleOf } from './rule-of.js';
import { isSystemError } from './system-error.js';

const SECTION = 'registered-files-and-worker-threads';

/** What stands in the file of a slot. */
async function contentOf(driver: Driver, slot: number): Promise<string> {
  const bytes = Buffer.alloc(32);
  const length = await driver.ioUringSubmit(read(slot, bytes, 0, { fixedFile: true }));
  return bytes.toString('latin1', 0, length);
}

async function slots(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  const table = driver.ioUring.fileTable({ slots: 3 });
  assert.equal(table.slots, 3);
  const names = ['one', 'two', 'three'];
  const files = names.map((name) => context.fixtures.tempFile(name));
  const taken = files.map(({ fd }) => table.add(fd));
  assert.equal(new Set(taken).size, 3, 'a slot was given twice');
  assert.throws(() => table.add(files[0]?.fd as number), isSystemError('ENFILE'));
  for (const file of files) file.close();
  for (const [index, slot] of taken.entries()) assert.equal(await contentOf(driver, slot), names[index]);
  const [first = -1] = taken;
  table.remove(first);
  table.remove(first);
  await assert.rejects(contentOf(driver, first), isSystemError('EBADF'));
  const another = context.fixtures.tempFile('another');
  assert.equal(table.add(another.fd), first, 'a slot that was free was not used again');
  assert.equal(await contentOf(driver, first), 'another');
}

async function removedInFlight(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  const table = driver.ioUring.fileTable({ slots: 1 });
  const { reader, writer } = context.fixtures.pipe({ nonblock: false });
  const slot = table.add(reader.fd);
  const buffer = Buffer.alloc(8);
  const reading = driver.ioUringSubmit(read(slot, buffer, -1, { fixedFile: true }));
  await context.barrier(driver);
  table.remove(slot);
  writer.write(Buffer.from('late'));
  assert.equal(await reading, 4);
  assert.equal(buffer.toString('latin1', 0, 4), 'late');
}

async function direct(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  const table = driver.ioUring.fileTable({ slots: 1, directSlots: 2 });
  const { path, fd } = context.fixtures.tempFile('content');
  const open = (): Promise<number> => driver.ioUringSubmit(openat(path, constants.O_RDONLY, { direct: 'alloc' }));
  const opened = [await open(), await open()];
  assert.deepEqual(opened.sort(), [1, 2], 'the kernel did not take the slots that are its own');
  await assert.rejects(open(), isSystemError('ENFILE'));
  assert.equal(table.add(fd), 0, 'a slot of the caller was taken by the kernel');
  for (const slot of [0, 1, 2]) assert.equal(await contentOf(driver, slot), 'content');
  table.remove(1);
  assert.equal(await open(), 1, 'a slot that was removed was not used again');
}

async function tableArguments(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  for (const options of [{ slots: -1 }, { slots: 1.5 }, { directSlots: 65_536 }]) {
    assert.throws(() => driver.ioUring.fileTable(options), { code: 'ERR_OUT_OF_RANGE' });
  }
  for (const name of ['slots', 'directSlots']) {
    const make = (size: number): unknown => driver.ioUring.fileTable({ [name]: size });
    refuses(name, NO_OPTIONAL_NUMBERS, 'ERR_INVALID_ARG_TYPE', make);
  }
  const table = driver.ioUring.fileTable({ slots: 1 });
  assert.throws(() => driver.ioUring.fileTable(), { code: 'ERR_POLYRING_IN_USE' });
  // While a slot is free, as a table without one may say that first.
  for (const [fds, places, code] of [
    [[-1, 0.5], [-1, 1, 0.5], 'ERR_OUT_OF_RANGE'],
    [NO_NUMBERS, NO_NUMBERS, 'ERR_INVALID_ARG_TYPE'],
  ] as const) {
    refuses('descriptor', fds, code, (fd: RawFd) => table.add(fd));
    refuses('slot', places, code, (slot: number) => table.remove(slot));
  }
  const closed = context.fixtures.eventfd();
  closed.close();
  assert.throws(() => table.add(closed.fd), isSystemError('EBADF'));
  assert.equal(table.add(context.fixtures.eventfd().fd), 0, 'what was refused took a slot');
  await driver.close();
  assert.throws(() => table.add(0), { code: 'ERR_POLYRING_CLOSED' });
  assert.throws(() => driver.ioUring.fileTable(), { code: 'ERR_POLYRING_CLOSED' });
}

async function limits(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  const before = driver.ioUring.workerLimits();
  assert.ok(before.bounded > 0 && before.unbounded > 0);
  try {
    assert.deepEqual(driver.ioUring.workerLimits({ bounded: 3 }), { ...before, bounded: 3 });
    assert.deepEqual(driver.ioUring.workerLimits({ unbounded: 5 }), { bounded: 3, unbounded: 5 });
  } finally {
    assert.deepEqual(driver.ioUring.workerLimits(before), before);
  }
  for (const kind of ['bounded', 'unbounded']) {
    const limit = (count: number): unknown => driver.ioUring.workerLimits({ [kind]: count });
    refuses('limit', [0, -1, 1.5], 'ERR_OUT_OF_RANGE', limit);
    refuses('limit', NO_OPTIONAL_NUMBERS, 'ERR_INVALID_ARG_TYPE', limit);
  }
}

async function affinity(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  const run = (processors: readonly number[]): void => driver.ioUring.workerAffinity(processors);
  refuses('processors', [[], [-1], [0.5], [2 ** 20]], 'ERR_OUT_OF_RANGE', run);
  refuses('processors', ['0', 0, {}, ['0'], [null]], 'ERR_INVALID_ARG_TYPE', run);
}

const files = ruleOf('files', SECTION, { needs: 'ioUring' });
const workers = ruleOf('workers', SECTION, { needs: 'ioUring' });

const TABLE = { opcodes: [IORING_OP_READ], features: ['fileTable'] } as const;

/** The rules of registered files, and of the kernel's worker threads. */
export const fileTableRules: readonly Rule[] = [
  files('slots', 'A slot holds its file open until it is removed, and is given once at a time', slots, TABLE),
  files('removed-in-flight', 'An operation in flight goes on when its file is removed', removedInFlight, TABLE),
  files('direct', 'The kernel opens files right into slots that are its own', direct, {
    opcodes: [IORING_OP_READ, IORING_OP_OPENAT],
    features: ['fileTable', 'directDescriptors'],
  }),
  files(
    'table-arguments',
    'Sizes out of range, a second table and closed descriptors are refused',
    tableArguments,
    TABLE,
  ),
  workers('limits', 'Limits of worker threads are set one by one, and told', limits, { features: ['workerLimits'] }),
  workers('affinity', 'What are no processors of the thread is refused', affinity, { features: ['workerAffinity'] }),
];
