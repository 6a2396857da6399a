import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { readFileSync } from 'node:fs';
import {
  asyncCancel,
  type Driver,
  type Entry,
  IORING_OP_ASYNC_CANCEL,
  IORING_OP_READ,
  IORING_OP_TIMEOUT,
  IORING_OP_WRITE,
  read,
  timeout,
  write,
} from '@polyring/core';
import { setNonblocking } from '@polyring/sys';
import type { Pipe } from '../fixtures/fixtures.js';
import { turn } from '../polling/turn.js';
import type { Rule } from '../rule.js';
import type { RuleContext } from '../running/context.js';
import { type Submit, submissions } from '../waitables/submissions.js';
import { ruleOf } from './rule-of.js';
import { isSystemError } from './system-error.js';

const HOUR = 3_600_000;

/** One reason for all, as Node makes an exception with a stack for each signal that is aborted without one. */
const NOT_WANTED = new Error('not wanted');

/** How an operation ended: with a result, or with the code of its error. */
type End = number | string;

async function endOf(promise: Promise<number>): Promise<End> {
  try {
    return await promise;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    assert.ok(code !== undefined, `an error without a code: ${String(error)}`);
    return code;
  }
}

/** Reads what is left in a blocking pipe, without waiting. */
function leftIn({ reader }: Pipe): Buffer | undefined {
  setNonblocking(reader.fd, true);
  const left = reader.read(2);
  setNonblocking(reader.fd, false);
  return left;
}

/** Operations on pipes of which each races with a cancel: 10,000 races, 200 at a time. */
async function races(
  context: RuleContext,
  race: (driver: Driver, pipe: Pipe, byte: number) => Promise<void>,
): Promise<void> {
  const driver = await context.createDriver();
  const all = Array.from({ length: 200 }, () => context.fixtures.pipe({ nonblock: false }));
  for (let round = 0; round < 50; round += 1) {
    await Promise.all(all.map((pipe) => race(driver, pipe, context.random.integer(256))));
  }
}

/** Holds an operation that was raced by a cancel to have read the byte, or to have left it. */
function readOrLeft(end: End, cancelled: string, pipe: Pipe, buffer: Buffer, byte: number): void {
  const left = leftIn(pipe);
  if (end === 1) {
    assert.equal(buffer[0], byte, 'completed with another byte');
    assert.equal(left, undefined, 'completed, and the byte is still there');
  } else {
    assert.equal(end, cancelled);
    assert.equal(left?.[0], byte, 'cancelled, and the byte is gone');
  }
}

/** Cancels an operation and writes the byte that it waits for, in one of several orders. */
async function raceOnce(
  context: RuleContext,
  driver: Driver,
  pipe: Pipe,
  byte: number,
  cancel: () => void,
): Promise<void> {
  const bytes = Buffer.from([byte]);
  const order = context.random.integer(6);
  if (order >= 3) await turn();
  if (order % 3 === 0) {
    cancel();
    if (context.random.integer(2) === 0) await turn();
    pipe.writer.write(bytes);
  } else if (order % 3 === 1) {
    pipe.writer.write(bytes);
    if (context.random.integer(2) === 0) await turn();
    cancel();
  } else {
    const writing = driver.ioUringSubmit(write(pipe.writer.fd, bytes));
    cancel();
    assert.equal(await writing, 1);
  }
}

async function signalRaces(context: RuleContext): Promise<void> {
  const ends = new Set<End>();
  await races(context, async (driver, pipe, byte) => {
    const buffer = Buffer.alloc(1);
    const controller = new AbortController();
    const ending = endOf(driver.ioUringSubmit(read(pipe.reader.fd, buffer), { signal: controller.signal }));
    await raceOnce(context, driver, pipe, byte, () => controller.abort(NOT_WANTED));
    const end = await ending;
    ends.add(end);
    readOrLeft(end, 'ABORT_ERR', pipe, buffer, byte);
  });
  assert.equal(ends.size, 2, `every race ended the same way: ${[...ends].join()}`);
}

async function cancelRaces(context: RuleContext): Promise<void> {
  const ends = new Set<End>();
  await races(context, async (driver, pipe, byte) => {
    const buffer = Buffer.alloc(1);
    const entry = read(pipe.reader.fd, buffer);
    const ending = endOf(driver.ioUringSubmit(entry));
    let cancelling: Promise<End> = Promise.resolve('');
    await raceOnce(context, driver, pipe, byte, () => {
      cancelling = endOf(driver.ioUringSubmit(asyncCancel(entry)));
    });
    const [end, cancel] = await Promise.all([ending, cancelling]);
    ends.add(end);
    assert.ok([0, 'ENOENT', 'EALREADY'].includes(cancel), `the cancel ended with ${cancel}`);
    if (cancel === 0) assert.equal(end, 'ECANCELED', 'the cancel found the operation, which completed all the same');
    if (cancel === 'ENOENT') assert.equal(end, 1, 'the cancel found nothing, and the operation was cancelled');
    readOrLeft(end, 'ECANCELED', pipe, buffer, byte);
  });
  assert.equal(ends.size, 2, `every race ended the same way: ${[...ends].join()}`);
}

async function cancelTwice(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  const { reader } = context.fixtures.pipe({ nonblock: false });
  for (let round = 0; round < 20; round += 1) {
    const entry = read(reader.fd, Buffer.alloc(1));
    const ending = endOf(driver.ioUringSubmit(entry));
    await context.barrier(driver);
    const first = endOf(driver.ioUringSubmit(asyncCancel(entry)));
    const second = endOf(driver.ioUringSubmit(asyncCancel(entry)));
    assert.equal(await first, 0);
    assert.ok([0, 'ENOENT', 'EALREADY'].includes(await second), `the second cancel ended with ${await second}`);
    assert.equal(await ending, 'ECANCELED');
    assert.equal(await endOf(driver.ioUringSubmit(asyncCancel(entry))), 'ENOENT', 'a cancel of what is over');
  }
}

async function cancelBeforeStart(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  const file = context.fixtures.tempFile('before');
  const writing = driver.ioUringSubmit(write(file.fd, Buffer.from('after'), 0), {
    signal: AbortSignal.abort(NOT_WANTED),
  });
  await assert.rejects(writing, { name: 'AbortError', code: 'ABORT_ERR', cause: NOT_WANTED });
  await context.barrier(driver);
  assert.equal(readFileSync(file.path, 'utf8'), 'before', 'an operation ran whose signal was aborted before');
  const { reader, writer } = context.fixtures.pipe({ nonblock: false });
  const controller = new AbortController();
  const reading = driver.ioUringSubmit(read(reader.fd, Buffer.alloc(1)), { signal: controller.signal });
  controller.abort(NOT_WANTED);
  await assert.rejects(reading, { name: 'AbortError', code: 'ABORT_ERR', cause: NOT_WANTED });
  const buffer = Buffer.alloc(1);
  const again = driver.ioUringSubmit(read(reader.fd, buffer));
  writer.write(Buffer.from('x'));
  assert.equal(await again, 1, 'a cancelled read took the byte');
}

async function lateAbort(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  const { fd } = context.fixtures.tempFile('content');
  const controller = new AbortController();
  const reading = driver.ioUringSubmit(read(fd, Buffer.alloc(7), 0), { signal: controller.signal });
  assert.equal(await reading, 7);
  const { reader, writer } = context.fixtures.pipe({ nonblock: false });
  const other = driver.ioUringSubmit(read(reader.fd, Buffer.alloc(1)));
  await context.barrier(driver);
  controller.abort();
  await context.barrier(driver);
  writer.write(Buffer.from('x'));
  assert.equal(await other, 1, 'a signal aborted after its operation ended another');
  for (const [way, submit] of Object.entries(submissions)) await lateAbortOfSame(context, driver, way, submit);
}

/** How often a signal is given to an operation. A driver may leave a listener for all of them, and not one for each. */
const TIMES = 10;

/** A signal is that of one submission, and not of the next one of the same entry. */
async function lateAbortOfSame(context: RuleContext, driver: Driver, way: string, submit: Submit): Promise<void> {
  const { reader, writer } = context.fixtures.pipe({ nonblock: false });
  const entry = read(reader.fd, Buffer.alloc(1));
  const controller = new AbortController();
  for (let time = 0; time < TIMES; time += 1) {
    writer.write(Buffer.from('x'));
    await submit(driver, entry, { signal: controller.signal });
  }
  const left = getEventListeners(controller.signal, 'abort').length;
  assert.ok(left < TIMES, `${TIMES} operations (${way}) that are over have left ${left} listeners on their signal`);
  const again = driver.ioUringSubmit(entry);
  await context.barrier(driver);
  controller.abort();
  await context.barrier(driver);
  writer.write(Buffer.from('x'));
  assert.equal(await again, 1, 'the signal of an earlier submission ended this one of the same entry');
}

async function timeoutsExpire(context: RuleContext): Promise<void> {
  const driver = await context.createDriver({ entries: 64, completionEntries: 128 });
  const ends = Array.from({ length: 3000 }, () => endOf(driver.ioUringSubmit(timeout(context.random.integer(20)))));
  for (const end of await Promise.all(ends)) assert.equal(end, 'ETIME');
}

async function timeoutsCancelled(context: RuleContext): Promise<void> {
  const driver = await context.createDriver({ entries: 64, completionEntries: 128 });
  for (const settle of [async () => {}, () => context.barrier(driver)]) {
    const controllers = Array.from({ length: 3000 }, () => new AbortController());
    const ends = controllers.map(({ signal }) => endOf(driver.ioUringSubmit(timeout(HOUR), { signal })));
    await settle();
    for (const controller of controllers) controller.abort(NOT_WANTED);
    for (const end of await Promise.all(ends)) assert.equal(end, 'ABORT_ERR');
  }
  const entries: Entry[] = Array.from({ length: 1000 }, () => timeout(HOUR));
  const ends = entries.map((entry) => endOf(driver.ioUringSubmit(entry)));
  await context.barrier(driver);
  const cancels = entries.map((entry) => driver.ioUringSubmit(asyncCancel(entry)));
  for (const cancel of await Promise.all(cancels)) assert.equal(cancel, 0);
  for (const end of await Promise.all(ends)) assert.equal(end, 'ECANCELED');
}

async function reusedSlot(context: RuleContext): Promise<void> {
  const driver = await context.createDriver({ entries: 16 });
  const { fixtures } = context;
  const old = Array.from({ length: 32 }, () => fixtures.pipe({ nonblock: false }));
  const fresh = Array.from({ length: 32 }, () => fixtures.pipe({ nonblock: false }));
  for (let round = 0; round < 20; round += 1) {
    const controllers = old.map(() => new AbortController());
    const cancelled = old.map(({ reader }, index) => {
      const { signal } = controllers[index] ?? assert.fail();
      return endOf(driver.ioUringSubmit(read(reader.fd, Buffer.alloc(1)), { signal }));
    });
    await context.barrier(driver);
    for (const controller of controllers) controller.abort(NOT_WANTED);
    const settled = new Set<number>();
    const submit = ({ reader }: Pipe, index: number): Promise<[number, Buffer]> => {
      const buffer = Buffer.alloc(1);
      return driver.ioUringSubmit(read(reader.fd, buffer)).then((count) => {
        settled.add(index);
        return [count, buffer];
      });
    };
    const early = fresh.slice(0, 16).map(submit);
    assert.ok((await Promise.all(cancelled)).every((end) => end === 'ABORT_ERR'));
    const late = fresh.slice(16).map((pipe, index) => submit(pipe, 16 + index));
    await context.barrier(driver);
    assert.equal(settled.size, 0, 'a completion of an operation that is over ended another');
    for (const [index, { writer }] of fresh.entries()) writer.write(Buffer.from([index]));
    (await Promise.all([...early, ...late])).forEach(([count, buffer], index) => {
      assert.deepEqual([count, buffer[0]], [1, index]);
    });
  }
}

async function notFound(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  const never = read(context.fixtures.pipe().reader.fd, Buffer.alloc(1));
  await assert.rejects(driver.ioUringSubmit(asyncCancel(never)), isSystemError('ENOENT'));
}

const rule = ruleOf('ring', 'ring', { needs: 'ioUring', timeLimit: 20_000 });

/** The rules of cancelling operations. */
export const ringCancelRules: readonly Rule[] = [
  rule(
    'signal-races',
    'An operation whose signal is aborted as it completes has completed or was cancelled, never both and never neither',
    signalRaces,
    { opcodes: [IORING_OP_READ, IORING_OP_ASYNC_CANCEL] },
  ),
  rule(
    'cancel-races',
    'An operation that a cancel races has completed or was cancelled, and the cancel tells which',
    cancelRaces,
    { opcodes: [IORING_OP_READ, IORING_OP_ASYNC_CANCEL] },
  ),
  rule('cancel-twice', 'A second cancel does no harm, and finds nothing once the operation is over', cancelTwice, {
    opcodes: [IORING_OP_READ, IORING_OP_ASYNC_CANCEL],
  }),
  rule(
    'cancel-before-start',
    'An operation aborted before it is submitted does not run, and one aborted in the same tick is cancelled',
    cancelBeforeStart,
    { opcodes: [IORING_OP_READ, IORING_OP_WRITE, IORING_OP_ASYNC_CANCEL] },
  ),
  rule(
    'late-abort',
    'A signal aborted after its operation cancels nothing, and has no listener left for each',
    lateAbort,
    { opcodes: [IORING_OP_READ] },
  ),
  rule('timeouts-expire', '3,000 timeouts with a full submission queue all expire', timeoutsExpire, {
    opcodes: [IORING_OP_TIMEOUT],
  }),
  rule(
    'timeouts-cancelled',
    '3,000 timeouts cancelled with a full submission queue are all cancelled',
    timeoutsCancelled,
    { opcodes: [IORING_OP_TIMEOUT, IORING_OP_ASYNC_CANCEL] },
  ),
  rule('reused-slot', 'A late completion never ends another operation', reusedSlot, {
    opcodes: [IORING_OP_READ, IORING_OP_ASYNC_CANCEL],
  }),
  rule('cancel-not-found', 'A cancel of an entry that is not in flight rejects with ENOENT', notFound, {
    opcodes: [IORING_OP_ASYNC_CANCEL],
  }),
];
