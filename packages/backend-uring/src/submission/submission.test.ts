import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  AbortListeners,
  asyncCancel,
  close as closeEntry,
  type Driver,
  Entry,
  Errno,
  IORING_OP_NOP,
  IORING_OP_POLL_REMOVE,
  IORING_POLL_UPDATE_EVENTS,
  IORING_POLL_UPDATE_USER_DATA,
  IOSQE_CQE_SKIP_SUCCESS,
  IOSQE_IO_DRAIN,
  nop,
  PollEvents,
  pollAdd,
  pollMultishot,
  pollUpdate,
  read,
  readFixed,
  readv,
  recv,
  timeout,
  write,
  writeFixed,
  writev,
} from '@polyring/core';
import { close, eventfd, pipe2, write as writeNow } from '@polyring/sys';
import { rejectionOf, rejects, temporaryDirectory, throws } from '@polyring/test-support';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createDriverOver } from '../driver.js';
import { ERESTARTSYS } from '../engine/interrupted.js';
import type { Operation } from '../engine/operation.js';
import { uringBackend } from '../factory.js';
import { interceptedBinding } from '../kernel/intercepted-binding.test-support.js';
import type { Custody } from '../memory/custody.js';
import { runWhereGranted } from '../run-where-granted.test-support.js';
import { Submission } from './submission.js';

interface Context {
  driver: Driver;
  directory: string;
  file: string;
  content: Buffer;
}

const test = suite<Context>('submission');

test.before.each((context) => {
  context.driver = uringBackend.create();
  context.directory = temporaryDirectory();
  context.file = join(context.directory, 'file');
  context.content = Buffer.from(Array.from({ length: 20_000 }, (_, index) => (index * 31) & 0xff));
  writeFileSync(context.file, context.content);
});

test.after.each(({ driver }) => driver.close());

test('any view is read into, and only as far as the result goes', async ({ driver, file, content }) => {
  const fd = openSync(file, 'r');
  const backing = new Uint8Array(9000).fill(0xee);
  for (const view of [
    backing.subarray(100, 8100),
    new DataView(backing.buffer, 100, 8000),
    new Float64Array(backing.buffer, 104, 1000),
  ]) {
    backing.fill(0xee);
    assert.is(await driver.ioUringSubmit(read(fd, view, 19_000)), 1000);
    assert.equal(Buffer.from(backing.buffer, view.byteOffset, 1000), content.subarray(19_000));
    assert.is(backing[view.byteOffset + 1000], 0xee, 'bytes beyond the result stay');
  }
  closeSync(fd);
});

test('a write takes the bytes as they are when it is submitted', async ({ driver, file }) => {
  const fd = openSync(file, 'w');
  const bytes = Buffer.from('as submitted');
  const writing = driver.ioUringSubmit(write(fd, bytes, 0));
  bytes.fill(0);
  assert.is(await writing, 12);
  closeSync(fd);
  assert.is(readFileSync(file, 'utf8'), 'as submitted');
});

test('vectors of lent memory and of others are filled and written in order', async ({ driver, file, content }) => {
  const lent = driver.allocate(5000);
  const vectors = [Buffer.alloc(3000), lent.bytes, new Uint8Array(0), Buffer.alloc(700)];
  const fd = openSync(file, 'r+');
  assert.is(await driver.ioUringSubmit(readv(fd, vectors, 1000)), 8700);
  assert.equal(Buffer.concat(vectors), content.subarray(1000, 9700));
  assert.is(await driver.ioUringSubmit(writev(fd, vectors, 0)), 8700);
  closeSync(fd);
  assert.equal(readFileSync(file).subarray(0, 8700), content.subarray(1000, 9700));
  lent.release();
});

test('fixed reads and writes work on lent memory and on others', async ({ driver, file, content }) => {
  const fd = openSync(file, 'r+');
  const lent = driver.allocate(4096);
  assert.is(await driver.ioUringSubmit(readFixed(fd, lent.bytes, 4096)), 4096);
  assert.equal(lent.bytes, content.subarray(4096, 8192));
  const others = Buffer.alloc(4096);
  assert.is(await driver.ioUringSubmit(readFixed(fd, others, 0)), 4096);
  assert.equal(others, content.subarray(0, 4096));
  assert.is(await driver.ioUringSubmit(writeFixed(fd, lent.bytes, 0)), 4096);
  closeSync(fd);
  assert.equal(readFileSync(file).subarray(0, 4096), content.subarray(4096, 8192));
});

test('memory larger than any usual arena is lent and read into', async ({ driver, file, content }) => {
  const lent = driver.allocate(100 * 2 ** 20);
  const fd = openSync(file, 'r');
  assert.is(await driver.ioUringSubmit(read(fd, lent.bytes, 0)), content.length);
  assert.equal(lent.bytes.subarray(0, content.length), content);
  closeSync(fd);
  lent.release();
});

test('lent memory is zeroed, and is not used again before the last operation on it is over', async ({ driver }) => {
  const [readEnd, writeEnd] = pipe2();
  const first = driver.allocate(4096);
  const reading = driver.ioUringSubmit(read(readEnd, first.bytes));
  first.release();
  const others = Array.from({ length: 64 }, () => driver.allocate(4096));
  for (const other of others) {
    assert.not.equal(other.bytes.byteOffset, first.bytes.byteOffset);
    assert.is(
      other.bytes.findIndex((byte) => byte !== 0),
      -1,
    );
    other.bytes.fill(1);
  }
  writeNow(writeEnd, Buffer.from('late'));
  assert.is(await reading, 4);
  for (const other of others) other.release();
  const again = Array.from({ length: 65 }, () => driver.allocate(4096));
  assert.ok(again.some((memory) => memory.bytes.byteOffset === first.bytes.byteOffset));
  assert.ok(again.every((memory) => memory.bytes.every((byte) => byte === 0)));
  close(readEnd);
  close(writeEnd);
});

test('released memory is refused, also once it is lent to somebody else', async ({ driver, file }) => {
  const fd = openSync(file, 'r');
  const lent = driver.allocate(4096);
  const { bytes } = lent;
  lent.release();
  lent.release();
  const entries = [read(fd, bytes, 0), readv(fd, [bytes], 0), recv(fd, bytes, {})];
  for (const entry of entries) await rejects(driver.ioUringSubmit(entry), 'ERR_POLYRING_RELEASED');
  const next = driver.allocate(4096).bytes;
  assert.is(next.byteOffset, bytes.byteOffset, 'it is the same memory');
  for (const entry of entries) await rejects(driver.ioUringSubmit(entry), 'ERR_POLYRING_RELEASED');
  assert.ok(next.every((byte) => byte === 0));
  assert.is(await driver.ioUringSubmit(read(fd, next, 0)), 4096);
  closeSync(fd);
});

test('a buffer that is detached before submission is refused', async ({ driver, file }) => {
  const fd = openSync(file, 'r');
  const entry = read(fd, new Uint8Array(100), 0);
  const viewed = read(fd, new DataView(new ArrayBuffer(100)), 0);
  structuredClone(0, { transfer: [viewed.buffer?.buffer as ArrayBuffer] });
  await rejects(driver.ioUringSubmit(viewed), 'ERR_POLYRING_DETACHED');
  const vectored = readv(fd, [new Uint8Array(100)], 0);
  structuredClone(0, { transfer: [entry.buffer?.buffer as ArrayBuffer, vectored.vectors?.[0]?.buffer as ArrayBuffer] });
  await rejects(driver.ioUringSubmit(entry), 'ERR_POLYRING_DETACHED');
  await rejects(driver.ioUringSubmit(vectored), 'ERR_POLYRING_DETACHED');
  closeSync(fd);
});

test('a buffer that is detached in flight costs its own operation only', async ({ driver }) => {
  const [readEnd, writeEnd] = pipe2();
  for (const buffer of [new Uint8Array(100), new DataView(new ArrayBuffer(100))]) {
    const reading = driver.ioUringSubmit(read(readEnd, buffer));
    structuredClone(0, { transfer: [buffer.buffer as ArrayBuffer] });
    writeNow(writeEnd, Buffer.from('lost'));
    await rejects(reading, 'ERR_POLYRING_BUFFER_GONE');
  }
  assert.is(await driver.ioUringSubmit(nop()), 0);
  close(readEnd);
  close(writeEnd);
});

test('an entry in flight is refused, and may be submitted again afterwards', async ({ driver }) => {
  const entry = nop();
  const first = driver.ioUringSubmit(entry);
  await rejects(driver.ioUringSubmit(entry), 'ERR_POLYRING_ENTRY_IN_FLIGHT');
  assert.is(await first, 0);
  assert.is(await driver.ioUringSubmit(entry), 0);
});

test('an entry is cancelled by its target, also before the kernel has it', async ({ driver }) => {
  const target = timeout(1_000_000);
  const waiting = driver.ioUringSubmit(target);
  assert.is(await driver.ioUringSubmit(asyncCancel(target)), 0);
  await rejects(waiting, 'ECANCELED');
  await rejects(driver.ioUringSubmit(asyncCancel(target)), 'ENOENT');
});

test('an entry of another driver is not found, rather than somebody else cancelled', async ({ driver }) => {
  const other = uringBackend.create();
  const theirs = timeout(1_000_000);
  const ours = timeout(1_000_000);
  const waitingThere = rejects(other.ioUringSubmit(theirs), 'ERR_POLYRING_CLOSED');
  const waitingHere = rejects(driver.ioUringSubmit(ours), 'ECANCELED');
  await rejects(driver.ioUringSubmit(asyncCancel(theirs)), 'ENOENT');
  assert.is(await driver.ioUringSubmit(asyncCancel(ours)), 0);
  await waitingHere;
  await other.close();
  await waitingThere;
});

for (const lack of ['memory', 'room in the queue']) {
  test(`a cancel that waited for ${lack} finds nobody in place of what is over and in flight elsewhere`, async () => {
    let refuses = false;
    const binding = interceptedBinding(({ toSubmit }, enter) => (refuses ? Errno.EAGAIN : enter(toSubmit)));
    const driver = createDriverOver(binding, { entries: 2, poolLimit: 65_536, poolExhausted: 'wait' });
    const other = uringBackend.create();
    const [event, quiet] = [eventfd(), eventfd()];
    const [target, innocent] = [pollAdd(event, PollEvents.IN), pollAdd(quiet, PollEvents.IN)];
    const first = driver.ioUringSubmit(target);
    const waiting = driver.ioUringSubmit(innocent).catch(({ code }) => code);
    await driver.ioUringSubmit(nop());
    const memory = lack === 'memory' ? driver.allocate(65_536) : undefined;
    refuses = memory === undefined;
    const before = driver.submitMany([nop(), nop()]);
    const cancelling = driver.submitLinked([asyncCancel(target), read(event, Buffer.alloc(8))]);
    writeNow(event, BigUint64Array.of(1n));
    assert.is(await first, PollEvents.IN);

    other.ioUringSubmit(timeout(1_000_000)).catch(() => {});
    other.ioUringSubmit(target).catch(() => {});
    assert.equal([target.userDataLow, target.userDataHigh], [innocent.userDataLow, innocent.userDataHigh]);
    memory?.release();
    refuses = false;
    await before;
    const codes = (await cancelling).map((end) => end.status === 'rejected' && end.reason.code);
    assert.equal(codes, ['ENOENT', 'ECANCELED']);
    writeNow(quiet, BigUint64Array.of(1n));
    assert.is(await waiting, PollEvents.IN, 'it was cancelled in place of the other');
    await Promise.all([driver.close(), other.close()]);
    close(event);
    close(quiet);
  });
}

test('an aborted operation rejects with AbortError, with the reason as its cause', async ({ driver }) => {
  const controller = new AbortController();
  const waiting = driver.ioUringSubmit(timeout(1_000_000), { signal: controller.signal });
  controller.abort('enough');
  const error = await rejects(waiting, 'ABORT_ERR');
  assert.is(error.cause, 'enough');
  await rejects(driver.ioUringSubmit(nop(), { signal: controller.signal }), 'ABORT_ERR');
});

test('a close that was interrupted is none that was cancelled, as the descriptor is gone', async () => {
  const submission = new Submission({ take() {}, finish() {} } as unknown as Custody, {
    failure: undefined,
    refusal: undefined,
    abortListeners: new AbortListeners<Operation>(() => {}),
    settled() {},
    again: () => false,
    cancel() {},
  });
  for (const errno of [Errno.EINTR, ERESTARTSYS]) {
    const closing = rejects(submission.start(closeEntry(7), undefined), 'EINTR');
    submission.complete(errno, 0);
    await closing;
    const reading = rejects(submission.start(read(7, Buffer.alloc(1)), undefined), 'ECANCELED');
    submission.complete(errno, 0);
    await reading;
  }
});

test('what is not an entry, a signal or a supported opcode is a rejection, never a throw', async ({ driver }) => {
  const submit = driver.ioUringSubmit.bind(driver) as (entry: unknown, options?: unknown) => Promise<number>;
  for (const entry of [undefined, null, 5, {}, { opcode: 0 }]) {
    await rejects(submit(entry), 'ERR_INVALID_ARG_TYPE');
  }
  await rejects(submit(nop(), { signal: 'no' }), 'ERR_INVALID_ARG_TYPE');
  await rejects(submit(read(1_000_000, Buffer.alloc(1), 0)), 'EBADF');
});

test('a system error carries code, errno, syscall and descriptor', async ({ driver }) => {
  const reading = driver.ioUringSubmit(read(999_999, Buffer.alloc(1), 0));
  const error: NodeJS.ErrnoException & { fd?: number } = await rejects(reading, 'EBADF');
  assert.is(error.errno, Errno.EBADF);
  assert.is(error.syscall, 'read');
  assert.is(error.fd, 999_999);
});

test('a frozen entry is submitted as any other, alone, linked and again and again', async ({ driver, file }) => {
  const fd = openSync(file, 'r');
  const bytes = Buffer.alloc(4);
  const freeze = (entry: Entry): Entry => Object.freeze(entry) as Entry;
  const frozen = freeze(read(fd, bytes, 0));
  for (let times = 0; times < 2; times += 1) assert.is(await driver.ioUringSubmit(frozen), 4);
  const [first, second] = await driver.submitLinked([frozen, freeze(nop())]);
  assert.equal([first?.status, second?.status], ['fulfilled', 'fulfilled']);
  const event = eventfd(1);
  let events = 0;
  for await (const { result } of driver.multishot(freeze(pollMultishot(event, PollEvents.IN)))) {
    assert.is(result, PollEvents.IN);
    events += 1;
    if (events === 2) break;
    writeNow(event, BigUint64Array.of(1n));
  }
  close(event);
  assert.is(frozen.owner, undefined);
  closeSync(fd);
});

test('memory is aligned as asked, and an alignment that is none is refused', async ({ driver }) => {
  for (const align of [1, 512, 4096]) {
    const loans = Array.from({ length: 20 }, () => driver.allocate(100, { align }));
    for (const { bytes } of loans) assert.is(bytes.byteOffset % align, 0);
    for (const loan of loans) loan.release();
  }
  for (const align of [0, 3, 8192, 1.5]) {
    throws(() => driver.allocate(100, { align }), 'ERR_OUT_OF_RANGE');
    await rejects(driver.allocateAsync(100, { align }), 'ERR_OUT_OF_RANGE');
  }
  throws(() => driver.allocate(100, { align: '512' as never }), 'ERR_INVALID_ARG_TYPE');
});

test('flags that would leave a promise open, or hold up the whole driver, are refused with the reason', async ({
  driver,
}) => {
  for (const [flags, reason] of [
    [IOSQE_CQE_SKIP_SUCCESS, /unsettled/],
    [IOSQE_IO_DRAIN, /timers and cancels included/],
  ] as const) {
    const submitting = driver.ioUringSubmit(Entry.unsafe({ opcode: IORING_OP_NOP, flags }));
    const error = await rejects(submitting, 'ERR_POLYRING_UNSUPPORTED');
    assert.match(error.message, reason);
    assert.throws(() => driver.multishot(Entry.unsafe({ opcode: IORING_OP_NOP, flags })), reason);
  }
});

test('what is no entry is refused, and one of another copy of @polyring/core by saying so', async ({ driver }) => {
  const copy = { Entry: class Entry {} };
  for (const [value, reason] of [
    [
      new copy.Entry(),
      /of the copy of @polyring\/core that the driver uses: .*npm ls.* Received an instance of Entry$/,
    ],
    [{}, /must be an Entry of @polyring\/core\. Received an instance of Object$/],
    [Object.create(null), /must be an Entry of @polyring\/core\. Received an instance of Object$/],
    [undefined, /must be an Entry of @polyring\/core\. Received undefined$/],
  ] as const) {
    const error = await rejects(driver.ioUringSubmit(value as unknown as Entry), 'ERR_INVALID_ARG_TYPE');
    assert.match(error.message, reason);
  }
});

test('an entry that would change the user_data of a poll is refused, however it is submitted', async ({ driver }) => {
  const len = IORING_POLL_UPDATE_USER_DATA;
  for (const addr of [{ addr: 0 }, {}]) {
    const entry = Entry.unsafe({ opcode: IORING_OP_POLL_REMOVE, len, off: 1, ...addr });
    const error = await rejects(driver.ioUringSubmit(entry), 'ERR_POLYRING_UNSUPPORTED');
    assert.match(error.message, /user_data/);
    assert.throws(() => driver.multishot(entry), /user_data/);
  }
  await rejects(driver.ioUringSubmit(pollUpdate(pollMultishot(0, PollEvents.IN), PollEvents.IN)), 'ENOENT');
});

test('an entry that may have the kernel lose a poll is refused, and the poll goes on', async ({ driver }) => {
  const event = eventfd();
  const poll = pollAdd(event, PollEvents.IN);
  const polling = driver.ioUringSubmit(poll);
  const byHand = Entry.unsafe({ opcode: IORING_OP_POLL_REMOVE, len: IORING_POLL_UPDATE_EVENTS, addr: 0 });
  for (const update of [pollUpdate(poll, PollEvents.OUT), byHand]) {
    const error = await rejects(driver.ioUringSubmit(update), 'ERR_POLYRING_UNSUPPORTED');
    assert.match(error.message, /pollRemove/);
  }
  writeNow(event, new BigUint64Array([1n]));
  assert.is(await polling, PollEvents.IN);
  close(event);
});

test('a Proxy of an entry is none, whatever it would answer', async ({ driver, file }) => {
  const fd = openSync(file, 'r');
  const entry = read(fd, Buffer.alloc(500), 0);
  let looks = 0;
  const proxy = new Proxy(entry, {
    get(target, name) {
      if (name !== 'len') return Reflect.get(target, name, target);
      looks += 1;
      return looks === 1 ? 500 : 5000;
    },
  });
  await rejects(driver.ioUringSubmit(proxy), 'ERR_INVALID_ARG_TYPE');
  assert.is(await driver.ioUringSubmit(entry), 500);
  closeSync(fd);
});

test('a signal that cannot be listened to costs no memory, and fills no buffer', async ({ driver, file }) => {
  const fd = openSync(file, 'r');
  const signal = {
    aborted: false,
    addEventListener() {
      throw new Error('deaf');
    },
    removeEventListener() {},
  } as unknown as AbortSignal;
  const buffer = Buffer.alloc(300);
  const entry = read(fd, buffer, 0);
  const [one] = await driver.submitMany([entry], { signal });
  for (const error of [
    one?.status === 'rejected' && one.reason,
    await rejectionOf(driver.ioUringSubmit(entry, { signal })),
    await rejectionOf(driver.submitLinked([nop(), entry], { signal })),
  ]) {
    assert.is((error as Error).message, 'deaf');
  }
  assert.is(driver.ioUring.pool.inFlight, 0);
  const lent = driver.allocate(300);
  assert.is(await driver.ioUringSubmit(read(fd, lent.bytes, 0)), 300);
  assert.ok(buffer.every((byte) => byte === 0));
  closeSync(fd);
});

runWhereGranted(test);
