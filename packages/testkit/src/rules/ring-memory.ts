import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { IORING_OP_NOP, IORING_OP_READ, IORING_OP_WRITE, read, write } from '@polyring/core';
import type { Rule } from '../rule.js';
import type { RuleContext } from '../running/context.js';
import { submissions } from '../waitables/submissions.js';
import { forcedCollection } from './forced-collection.js';
import { ruleOf } from './rule-of.js';

const HOUR = 3_600_000;

/** Bytes of a buffer of a size of its own, so that a freed block is soon handed out again. */
const ODD_SIZE = 86_016;

async function forgottenBuffers(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  const collect = forcedCollection();
  const pipes = Array.from({ length: 32 }, () => context.fixtures.pipe({ nonblock: false }));
  for (let round = 0; round < 3; round += 1) {
    const reads = pipes.map(({ reader }) => driver.ioUringSubmit(read(reader.fd, Buffer.alloc(ODD_SIZE))));
    await context.barrier(driver);
    collect();
    const others = pipes.map(() => Buffer.alloc(ODD_SIZE, 0x55));
    for (const { writer } of pipes) writer.write(Buffer.alloc(4000, 0xaa));
    assert.ok((await Promise.all(reads)).every((count) => count === 4000));
    for (const other of others)
      assert.ok(
        other.every((byte) => byte === 0x55),
        'a read wrote into memory of others',
      );
  }
}

async function forgottenWrites(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  const collect = forcedCollection();
  const file = context.fixtures.tempFile();
  const writes = Array.from({ length: 32 }, (_, index) =>
    driver.ioUringSubmit(write(file.fd, Buffer.alloc(ODD_SIZE, index + 1), index * ODD_SIZE)),
  );
  collect();
  const others = writes.map(() => Buffer.alloc(ODD_SIZE, 0xff));
  assert.ok((await Promise.all(writes)).every((count) => count === ODD_SIZE));
  const written = readFileSync(file.path);
  for (let index = 0; index < writes.length; index += 1) {
    const part = written.subarray(index * ODD_SIZE, (index + 1) * ODD_SIZE);
    assert.ok(
      part.every((byte) => byte === index + 1),
      'a write took its bytes from memory of others',
    );
  }
  assert.equal(others.length, writes.length);
}

async function changedAfterSubmission(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  const { signal } = new AbortController();
  const before = Buffer.alloc(10_000, 'a');
  for (const [way, submit] of Object.entries(submissions)) {
    for (const options of [{}, { signal }, { timeout: HOUR }]) {
      const file = context.fixtures.tempFile();
      const buffer = Buffer.from(before);
      const writing = submit(driver, write(file.fd, buffer, 0), options);
      buffer.fill('b');
      await writing;
      const how = [way, ...Object.keys(options)].join(' with ');
      assert.ok(readFileSync(file.path).equals(before), `${how}: a write took bytes that came after its submission`);
    }
  }
}

async function detachedInFlight(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  const { reader, writer } = context.fixtures.pipe({ nonblock: false });
  const view = new Uint8Array(ODD_SIZE);
  const reading = driver.ioUringSubmit(read(reader.fd, view));
  await context.barrier(driver);
  const moved = structuredClone(view, { transfer: [view.buffer] });
  writer.write(Buffer.alloc(100, 0xaa));
  await assert.rejects(reading, { code: 'ERR_POLYRING_BUFFER_GONE' });
  assert.ok(
    moved.every((byte) => byte === 0),
    'a read wrote into memory that had been given away',
  );
  await assert.rejects(driver.ioUringSubmit(read(reader.fd, view)), { code: 'ERR_POLYRING_DETACHED' });
  await assert.rejects(driver.ioUringSubmit(write(writer.fd, view)), { code: 'ERR_POLYRING_DETACHED' });
}

async function lentMemory(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  const { fd } = context.fixtures.tempFile(Buffer.alloc(4096, 0xaa));
  for (let round = 0; round < 50; round += 1) {
    const memory = round % 2 === 0 ? driver.allocate(4096) : await driver.allocateAsync(4096);
    assert.equal(memory.bytes.length, 4096);
    assert.ok(
      memory.bytes.every((byte) => byte === 0),
      'memory that is lent is not filled with zeros',
    );
    assert.equal(await driver.ioUringSubmit(read(fd, memory.bytes, 0)), 4096);
    assert.ok(memory.bytes.every((byte) => byte === 0xaa));
    const { bytes } = memory;
    memory.release();
    memory.release();
    await assert.rejects(driver.ioUringSubmit(read(fd, bytes, 0)), { code: 'ERR_POLYRING_RELEASED' });
  }
}

async function releasedInFlight(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  const { reader, writer } = context.fixtures.pipe({ nonblock: false });
  const memory = driver.allocate(4096);
  const reading = driver.ioUringSubmit(read(reader.fd, memory.bytes));
  await context.barrier(driver);
  memory.release();
  const others = Array.from({ length: 100 }, () => context.fixtures.keep(driver.allocate(4096)));
  for (const { bytes } of others) bytes.fill(0x55);
  writer.write(Buffer.alloc(4096, 0xaa));
  assert.equal(await reading, 4096);
  for (const { bytes } of others) {
    assert.ok(
      bytes.every((byte) => byte === 0x55),
      'memory that an operation used was lent to another',
    );
  }
}

const rule = ruleOf('ring', 'memory', { needs: 'ioUring' });

/** The rules of memory that the kernel uses while JavaScript goes on. */
export const ringMemoryRules: readonly Rule[] = [
  rule(
    'forgotten-buffers',
    'A read into a buffer that nobody remembers writes into no other memory, under forced collection',
    forgottenBuffers,
    { opcodes: [IORING_OP_READ] },
  ),
  rule(
    'forgotten-writes',
    'A write from a buffer that nobody remembers writes its bytes, under forced collection',
    forgottenWrites,
    { opcodes: [IORING_OP_WRITE] },
  ),
  rule(
    'changed-after-submission',
    'A write of foreign memory writes the bytes that stood there at submission, in whatever way it is submitted',
    changedAfterSubmission,
    { opcodes: [IORING_OP_NOP, IORING_OP_WRITE] },
  ),
  rule(
    'detached-in-flight',
    'A read whose buffer is given away rejects and leaves it alone; a buffer that has gone is refused',
    detachedInFlight,
    { opcodes: [IORING_OP_READ, IORING_OP_WRITE] },
  ),
  rule('lent-memory', 'Memory of the driver is zeroed when it is lent and refused after its release', lentMemory, {
    opcodes: [IORING_OP_READ],
  }),
  rule(
    'released-in-flight',
    'Memory released while an operation uses it is lent to nobody until the operation completed',
    releasedInFlight,
    { opcodes: [IORING_OP_READ] },
  ),
];
