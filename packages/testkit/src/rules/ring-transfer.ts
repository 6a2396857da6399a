import assert from 'node:assert/strict';
import { constants as fsConstants, openSync, readFileSync } from 'node:fs';
import {
  after,
  close,
  type Driver,
  Errno,
  fsync,
  IORING_OP_CLOSE,
  IORING_OP_FSYNC,
  IORING_OP_POLL_ADD,
  IORING_OP_READ,
  IORING_OP_READ_FIXED,
  IORING_OP_READV,
  IORING_OP_TIMEOUT,
  IORING_OP_WRITE,
  IORING_OP_WRITE_FIXED,
  IORING_OP_WRITEV,
  now,
  PollEvents,
  pollAdd,
  read,
  readFixed,
  readv,
  timeout,
  write,
  writeFixed,
  writev,
} from '@polyring/core';
import { dup, tryWrite } from '@polyring/sys';
import { Descriptor } from '../fixtures/descriptor.js';
import type { Rule } from '../rule.js';
import type { RuleContext } from '../running/context.js';
import { ruleOf } from './rule-of.js';
import { isSystemError } from './system-error.js';

/** Views of all kinds over memory of the caller, and of the driver. */
function views(driver: Driver, context: RuleContext, length: number): Uint8Array[] {
  const memory = context.fixtures.keep(driver.allocate(length));
  return [
    Buffer.alloc(length),
    new Uint8Array(length),
    new Uint8Array(new ArrayBuffer(length + 64), 32, length),
    new Uint8Array(new SharedArrayBuffer(length)),
    memory.bytes,
  ];
}

async function reads(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  const content = context.random.bytes(200_000);
  const { fd } = context.fixtures.tempFile(content);
  for (const length of [1, 4096, 65_537]) {
    for (const view of views(driver, context, length)) {
      const offset = context.random.integer(content.length - length);
      assert.equal(await driver.ioUringSubmit(read(fd, view, offset)), length);
      assert.ok(content.subarray(offset, offset + length).equals(view), `${length} bytes at ${offset}`);
    }
  }
  const dataView = new DataView(new ArrayBuffer(8));
  assert.equal(await driver.ioUringSubmit(read(fd, dataView, 100)), 8);
  assert.equal(dataView.getUint8(7), content[107]);
  const first = Buffer.alloc(10);
  const second = Buffer.alloc(10);
  await driver.ioUringSubmit(read(fd, first));
  await driver.ioUringSubmit(read(fd, second));
  assert.ok(Buffer.concat([first, second]).equals(content.subarray(0, 20)), 'offset -1 is not the file position');
}

async function writes(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  const file = context.fixtures.tempFile();
  const expected = Buffer.alloc(400_000);
  for (const length of [1, 4096, 65_537]) {
    for (const view of views(driver, context, length)) {
      view.set(context.random.bytes(length));
      const offset = context.random.integer(expected.length - length);
      assert.equal(await driver.ioUringSubmit(write(file.fd, view, offset)), length);
      expected.set(view, offset);
    }
  }
  const written = readFileSync(file.path);
  assert.ok(expected.subarray(0, written.length).equals(written), 'the file holds other bytes than were written');
  assert.ok(
    expected.subarray(written.length).every((byte) => byte === 0),
    'the file is too short',
  );
}

async function vectored(context: RuleContext): Promise<void> {
  const driver = await context.createDriver({ entries: 8 });
  const file = context.fixtures.tempFile();
  const lengths = Array.from({ length: 50 }, () => context.random.integer(3000));
  const memory = context.fixtures.keep(driver.allocate(5000));
  const parts = [...lengths.map((length) => context.random.bytes(length)), memory.bytes];
  memory.bytes.set(context.random.bytes(5000));
  const content = Buffer.concat(parts);
  assert.equal(await driver.ioUringSubmit(writev(file.fd, parts, 7)), content.length);
  assert.ok(readFileSync(file.path).subarray(7).equals(content), 'the file holds other bytes than were written');
  const into = [...lengths.map((length) => Buffer.alloc(length)), memory.bytes.fill(0)];
  assert.equal(await driver.ioUringSubmit(readv(file.fd, into, 7)), content.length);
  assert.ok(Buffer.concat(into).equals(content), 'other bytes were read than the file holds');
}

async function vectorsReused(context: RuleContext): Promise<void> {
  const driver = await context.createDriver({ entries: 8 });
  const content = context.random.bytes(100_000);
  const { fd } = context.fixtures.tempFile(content);
  const vectors: Buffer[] = [];
  const checks: Promise<void>[] = [];
  for (let index = 0; index < 200; index += 1) {
    const own = [10, 1, 30].map((length) => Buffer.alloc(length));
    vectors.splice(0, vectors.length, ...own);
    const offset = index * 50;
    const reading = driver.ioUringSubmit(readv(fd, vectors, offset));
    vectors.fill(Buffer.alloc(100));
    checks.push(
      reading.then((count) => {
        assert.equal(count, 41);
        assert.ok(Buffer.concat(own).equals(content.subarray(offset, offset + 41)), `read ${index} went elsewhere`);
      }),
    );
  }
  await Promise.all(checks);
}

async function fixed(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  const file = context.fixtures.tempFile();
  const memory = context.fixtures.keep(driver.allocate(8192));
  const content = context.random.bytes(8192);
  memory.bytes.set(content);
  assert.equal(await driver.ioUringSubmit(writeFixed(file.fd, memory.bytes, 0)), 8192);
  assert.ok(readFileSync(file.path).equals(content));
  memory.bytes.fill(0);
  assert.equal(await driver.ioUringSubmit(readFixed(file.fd, memory.bytes.subarray(1000, 3000), 1000)), 2000);
  assert.ok(memory.bytes.subarray(1000, 3000).equals(content.subarray(1000, 3000)));
  assert.ok(
    memory.bytes.subarray(0, 1000).every((byte) => byte === 0),
    'bytes before the view were written',
  );
  const other = Buffer.alloc(10);
  assert.equal(await driver.ioUringSubmit(readFixed(file.fd, other, 0)), 10);
  assert.ok(other.equals(content.subarray(0, 10)), 'memory that is not registered got other bytes');
}

async function large(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  const content = context.random.bytes(5_000_003);
  const file = context.fixtures.tempFile();
  for (let written = 0; written < content.length; ) {
    written += await driver.ioUringSubmit(write(file.fd, content.subarray(written), written));
  }
  assert.ok(readFileSync(file.path).equals(content), 'the file holds other bytes than were written');
  const back = Buffer.alloc(content.length);
  for (let count = 0; count < back.length; ) {
    const length = await driver.ioUringSubmit(read(file.fd, back.subarray(count), count));
    assert.ok(length > 0, 'a read before the end gave nothing');
    count += length;
  }
  assert.ok(back.equals(content), 'other bytes were read than the file holds');
}

async function shortRead(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  const { fd } = context.fixtures.tempFile('0123456789');
  const buffer = Buffer.alloc(8, '.');
  assert.equal(await driver.ioUringSubmit(read(fd, buffer, 6)), 4);
  assert.equal(buffer.toString(), '6789....', 'a short read changed bytes beyond its end');
  assert.equal(await driver.ioUringSubmit(read(fd, buffer, 10)), 0);
  assert.equal(await driver.ioUringSubmit(read(fd, Buffer.alloc(0), 0)), 0);
  const vectors = [Buffer.alloc(3, '.'), Buffer.alloc(3, '.')];
  assert.equal(await driver.ioUringSubmit(readv(fd, vectors, 6)), 4);
  assert.equal(Buffer.concat(vectors).toString(), '6789..');
}

async function pipes(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  const { reader, writer } = context.fixtures.pipe({ nonblock: false });
  for (let round = 0; round < 50; round += 1) {
    const content = context.random.bytes(1 + context.random.integer(4000));
    const buffer = Buffer.alloc(4096);
    const reading = driver.ioUringSubmit(read(reader.fd, buffer));
    if (round % 2 === 0) await context.barrier(driver);
    assert.equal(await driver.ioUringSubmit(write(writer.fd, content)), content.length);
    const count = await reading;
    assert.ok(buffer.subarray(0, count).equals(content));
  }
}

async function eventfdRead(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  const event = context.fixtures.eventfd({ initial: 7 });
  const counter = new BigUint64Array(1);
  assert.equal(await driver.ioUringSubmit(read(event.fd, counter)), 8);
  assert.equal(counter[0], 7n);
}

async function errors(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  const { fixtures } = context;
  const buffer = Buffer.alloc(10);
  const directory = fixtures.keep(new Descriptor(openSync(fixtures.tempDir().path, fsConstants.O_RDONLY)));
  const readOnly = fixtures.tempDir().file('content', 'r');
  fixtures.keep(readOnly);
  await assert.rejects(driver.ioUringSubmit(read(directory.fd, buffer, 0)), isSystemError('EISDIR'));
  await assert.rejects(driver.ioUringSubmit(write(readOnly.fd, buffer, 0)), isSystemError('EBADF'));
  const { reader, writer } = fixtures.pipe({ nonblock: false });
  reader.close();
  await assert.rejects(driver.ioUringSubmit(write(writer.fd, buffer)), isSystemError('EPIPE'));
  await assert.rejects(driver.ioUringSubmit(read(reader.fd, buffer)), isSystemError('EBADF'));
  await assert.rejects(driver.ioUringSubmit(readv(reader.fd, [buffer])), isSystemError('EBADF'));
}

async function timeouts(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  for (const milliseconds of [0, 0.5, 3]) {
    const deadline = after(milliseconds);
    await assert.rejects(driver.ioUringSubmit(timeout(milliseconds)), isSystemError('ETIME'));
    assert.ok(now() >= deadline, 'a timeout was early');
    const at = after(milliseconds);
    await assert.rejects(driver.ioUringSubmit(timeout({ at })), isSystemError('ETIME'));
    assert.ok(now() >= at, 'an absolute timeout was early');
  }
}

async function polls(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  const event = context.fixtures.eventfd();
  const polling = driver.ioUringSubmit(pollAdd(event.fd, PollEvents.IN));
  await context.barrier(driver);
  event.signal();
  assert.ok((await polling) & PollEvents.IN);
  assert.equal(event.take(), 1n, 'a poll consumed the signal');
}

async function syncs(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  const { fd } = context.fixtures.tempFile('content');
  assert.equal(await driver.ioUringSubmit(fsync(fd)), 0);
  assert.equal(await driver.ioUringSubmit(fsync(fd, { dataSync: true })), 0);
}

async function closes(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  const event = context.fixtures.eventfd();
  const fd = dup(event.fd);
  assert.equal(await driver.ioUringSubmit(close(fd)), 0);
  const counter = BigUint64Array.of(1n);
  assert.equal(tryWrite(fd, counter), Errno.EBADF, 'the descriptor is open');
  assert.equal(tryWrite(event.fd, counter), 8, 'another descriptor was closed');
}

const rule = ruleOf('ring', 'ring', { needs: 'ioUring' });

/** The rules of what operations do to bytes, and how they fail. */
export const ringTransferRules: readonly Rule[] = [
  rule('read', 'Reads fill any view with the bytes of the file', reads, { opcodes: [IORING_OP_READ] }),
  rule('write', 'Writes put the bytes of any view into the file', writes, { opcodes: [IORING_OP_WRITE] }),
  rule('vectored', 'Vectored reads and writes move bytes in order', vectored, {
    opcodes: [IORING_OP_READV, IORING_OP_WRITEV],
  }),
  rule('vectors-reused', 'A list of vectors may be changed once it was submitted', vectorsReused, {
    opcodes: [IORING_OP_READV],
  }),
  rule(
    'fixed',
    'Reads and writes of registered memory move the bytes of the part that is given, and those of other memory by a copy',
    fixed,
    { opcodes: [IORING_OP_READ_FIXED, IORING_OP_WRITE_FIXED] },
  ),
  rule('large', 'Five million bytes come and go whole', large, { opcodes: [IORING_OP_READ, IORING_OP_WRITE] }),
  rule(
    'short-read',
    'A read at the end of a file tells how few bytes it read and leaves the rest of the buffer',
    shortRead,
    { opcodes: [IORING_OP_READ, IORING_OP_READV] },
  ),
  rule('pipe', 'Bytes go round through a pipe, read before they are written and after', pipes, {
    opcodes: [IORING_OP_READ, IORING_OP_WRITE],
  }),
  rule('eventfd', 'A read of an eventfd gives its counter', eventfdRead, { opcodes: [IORING_OP_READ] }),
  rule('errors', 'An operation that fails rejects with code, errno and syscall', errors, {
    opcodes: [IORING_OP_READ, IORING_OP_READV, IORING_OP_WRITE],
  }),
  rule('timeout', 'A timeout rejects with ETIME and is never early', timeouts, { opcodes: [IORING_OP_TIMEOUT] }),
  rule('poll-add', 'A poll of a descriptor resolves to its events and consumes nothing', polls, {
    opcodes: [IORING_OP_POLL_ADD],
  }),
  rule('close', 'Closing a descriptor closes it and no other', closes, { opcodes: [IORING_OP_CLOSE] }),
  rule('fsync', 'Syncing a file resolves to 0', syncs, { opcodes: [IORING_OP_FSYNC] }),
];
