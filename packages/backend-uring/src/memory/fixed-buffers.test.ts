import { closeSync, openSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Driver, Errno, type PolyringError, read, readFixed, write } from '@polyring/core';
import { close, pipe2, write as writeNow } from '@polyring/sys';
import { rejects } from '@polyring/test-support';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createDriverOver } from '../driver.js';
import { IORING_REGISTER_BUFFERS_UPDATE, IORING_REGISTER_BUFFERS2 } from '../kernel/abi.js';
import type { Binding, NativeRing } from '../kernel/binding.js';
import { runWhereGranted } from '../run-where-granted.test-support.js';
import { type Faults, faultyBinding, NO_FAULTS } from '../storm/faulty-ring.test-support.js';
import { Arena } from './arena.js';
import { FixedBuffers } from './fixed-buffers.js';
import { lockableBytes } from './lockable.js';
import { Pool } from './pool.js';

/** Where a user may lock little memory, what other tests of his lock at the same time leaves none to register. */
const registering = lockableBytes() >= 2 ** 26 ? test : test.skip;

/** More than it takes until memory is registered without being asked for. */
const MANY = 1500;
/** Not a multiple of the size of what is read. */
const LENGTH = 300_001;
const CONTENT = Buffer.from(Uint8Array.from({ length: LENGTH }, (_, at) => (at * 7919) >>> 5));

/** A file with the content, for reading and writing; it has no name any more. */
function contentFile(): number {
  const path = join(tmpdir(), `polyring-fixed-buffers-${process.pid}-${performance.now()}`);
  writeFileSync(path, CONTENT);
  const fd = openSync(path, 'r+');
  unlinkSync(path);
  return fd;
}

/** A binding that counts how often memory was to be registered, and answers with an error number if it is given one. */
function countingRegistrations(answer?: number): { readonly binding: Binding; readonly count: number } {
  let count = 0;
  const refuseRegister = (opcode: number): number | undefined => {
    if (opcode !== IORING_REGISTER_BUFFERS_UPDATE) return undefined;
    count += 1;
    return answer;
  };
  return {
    binding: faultyBinding({ ...NO_FAULTS, refuseRegister }),
    get count() {
      return count;
    },
  };
}

/** Reads all over a file, into memory of both kinds, and compares. */
async function readMany(driver: Driver, fd: number, times: number): Promise<void> {
  const lent = driver.allocate(5000);
  for (let round = 0; round < times; round += 1) {
    const length = 1 + ((round * 37) % 5000);
    const offset = (round * 997) % LENGTH;
    const view = round % 2 === 0 ? lent.bytes.subarray(0, length) : Buffer.alloc(length);
    const bytes = await driver.ioUringSubmit(read(fd, view, offset));
    assert.is(bytes, Math.min(length, LENGTH - offset));
    const expected = CONTENT.subarray(offset, offset + bytes);
    assert.ok(view.subarray(0, bytes).equals(expected), `read ${round}: ${length} bytes at ${offset}`);
  }
  lent.release();
}

const ARENA_SIZE = 4 * 1024 * 1024;

function newArena(byteLength: number): Arena {
  return new Arena(new ArrayBuffer(byteLength), 4096, false);
}

registering('memory that many reads and writes use is registered, and they go on as before', async () => {
  const registrations = countingRegistrations();
  const driver = createDriverOver(registrations.binding);
  const fd = contentFile();
  await readMany(driver, fd, 500);
  assert.is(registrations.count, 0);
  await readMany(driver, fd, MANY);
  assert.is(registrations.count, 1);
  const lent = driver.allocate(LENGTH).bytes;
  for (const view of [Buffer.from(CONTENT).reverse(), lent]) {
    if (view === lent) lent.set(CONTENT);
    assert.is(await driver.ioUringSubmit(write(fd, view, 0)), LENGTH);
    const written = Buffer.alloc(LENGTH);
    assert.is(await driver.ioUringSubmit(read(fd, written, 0)), LENGTH);
    assert.ok(written.equals(view));
  }
  assert.is(await driver.ioUringSubmit(read(fd, Buffer.alloc(10), LENGTH)), 0);
  assert.is(await driver.ioUringSubmit(read(fd, Buffer.alloc(0), 0)), 0);
  assert.is(await driver.ioUringSubmit(write(fd, Buffer.alloc(0), 0)), 0);
  const writeOnly = openSync('/dev/null', 'w');
  await rejects(driver.ioUringSubmit(read(writeOnly, Buffer.alloc(10), 0)), { code: 'EBADF', syscall: 'read' });
  const readOnly = openSync('/dev/null', 'r');
  await rejects(driver.ioUringSubmit(write(readOnly, lent, 0)), { code: 'EBADF', syscall: 'write' });
  const [reader, writer] = pipe2();
  writeNow(writer, Buffer.from('in a pipe'));
  assert.is(await driver.ioUringSubmit(read(reader, lent)), 9);
  assert.is(lent.toString('utf8', 0, 9), 'in a pipe');
  assert.is(registrations.count, 1);
  await driver.close();
  for (const each of [fd, writeOnly, readOnly]) closeSync(each);
  close(reader);
  close(writer);
});

registering('where registering is refused, reads go on without, and it is not asked for again', async () => {
  const registrations = countingRegistrations(Errno.ENOMEM);
  const driver = createDriverOver(registrations.binding);
  const fd = contentFile();
  await readMany(driver, fd, 2 * MANY);
  assert.is(registrations.count, 1);
  await driver.close();
  closeSync(fd);
});

registering('what does not take registered memory is done in the form that was asked for', async () => {
  // Nothing is registered, so that the kernel refuses the other form: EFAULT.
  const registrations = countingRegistrations(0);
  const driver = createDriverOver(registrations.binding);
  const fd = contentFile();
  await readMany(driver, fd, 2 * MANY);
  assert.is(registrations.count, 1);
  const lent = driver.allocate(100).bytes;
  assert.is(await driver.ioUringSubmit(read(fd, lent, 10), { timeout: 20_000 }), 100);
  assert.ok(lent.equals(CONTENT.subarray(10, 110)));
  const reads = [1, 2, 3].map((offset) => ({ offset, view: Buffer.alloc(50) }));
  const entries = reads.map(({ offset, view }) => read(fd, view, offset));
  for (const linked of [false, true]) {
    const results = await (linked ? driver.submitLinked(entries) : driver.submitMany(entries));
    for (const [index, { offset, view }] of reads.entries()) {
      assert.equal(results[index], { status: 'fulfilled', value: 50 });
      assert.ok(view.equals(CONTENT.subarray(offset, offset + 50)));
      view.fill(0);
    }
  }
  await rejects(driver.ioUringSubmit(readFixed(fd, lent, 0)), { code: 'EFAULT', syscall: 'read_fixed' });
  assert.is(driver.ioUring.pool.inFlight, 0);
  await driver.close();
  closeSync(fd);
});

test('little is registered unasked where little may be locked', () => {
  for (const [lockable, isRegistered] of [
    [4 * ARENA_SIZE, true],
    [4 * ARENA_SIZE - 1, false],
    [0, false],
  ] as const) {
    const native = { register: () => 0 } as unknown as NativeRing;
    const ownMemory = new Pool({ makeArena: () => newArena(65_536), firstSpans: 1, limit: 65_536 });
    const fixed = new FixedBuffers(native, ownMemory, () => lockable);
    const arena = newArena(ARENA_SIZE);
    for (let use = 0; use < MANY; use += 1) fixed.indexIfWorth(arena);
    assert.is(fixed.indexIfWorth(arena), isRegistered ? 0 : undefined);
    assert.is(fixed.indexOf(arena, arena.address), 0, 'it is registered when it is asked for');
  }
});

test('an arena above 1 GiB, of which the kernel takes no more for one buffer, is registered in parts as they are used', () => {
  const registered: [address: number, length: number][] = [];
  const iovecs = newArena(65_536);
  const native = {
    register(opcode: number) {
      const { bytes } = iovecs;
      if (opcode === IORING_REGISTER_BUFFERS_UPDATE)
        registered.push([Number(bytes.readBigUInt64LE(0)), Number(bytes.readBigUInt64LE(8))]);
      return 0;
    },
  } as unknown as NativeRing;
  const fixed = new FixedBuffers(native, new Pool({ makeArena: () => iovecs, firstSpans: 1, limit: 65_536 }));
  const arena = newArena(2 ** 31);
  const part = 2 ** 30;
  const places = [part + 5000, 0, part, part - 1, 2 * part - 1];
  assert.equal(
    places.map((place) => fixed.indexOf(arena, arena.address + place)),
    [0, 1, 0, 1, 0],
  );
  assert.equal(registered, [
    [arena.address + part, part],
    [arena.address, part],
  ]);
  assert.is(fixed.indexIfWorth(arena), undefined);
});

registering('much memory is not registered without being asked for', async () => {
  const registrations = countingRegistrations();
  const driver = createDriverOver(registrations.binding);
  const fd = contentFile();
  const large = driver.allocate(32 * 1024 * 1024).bytes;
  for (let round = 0; round < MANY; round += 1) await driver.ioUringSubmit(read(fd, large.subarray(0, 1), 0));
  assert.is(registrations.count, 0);
  assert.is(await driver.ioUringSubmit(readFixed(fd, large.subarray(0, 1), 0)), 1);
  assert.is(registrations.count, 1);
  await driver.close();
  closeSync(fd);
});

registering(
  'a refusal to register memory costs the operation that asked, and the next is free to ask again',
  async () => {
    for (const refused of [1, 2]) {
      let call = 0;
      const faults: Faults = {
        ...NO_FAULTS,
        refuseRegister: (opcode) => {
          if (opcode !== IORING_REGISTER_BUFFERS2 && opcode !== IORING_REGISTER_BUFFERS_UPDATE) return undefined;
          call += 1;
          return call === refused ? Errno.ENOMEM : undefined;
        },
      };
      const driver = createDriverOver(faultyBinding(faults));
      const [reader, writer] = pipe2();
      writeNow(writer, Buffer.from('xy'));
      const refusal = await driver
        .ioUringSubmit(readFixed(reader, Buffer.alloc(1)))
        .catch((error: PolyringError) => error);
      assert.is((refusal as PolyringError).code, 'ENOMEM');
      assert.is(driver.ioUring.pool.inFlight, 0);
      assert.is(await driver.ioUringSubmit(readFixed(reader, Buffer.alloc(2))), 2);
      await driver.close();
      close(reader);
      close(writer);
    }
  },
);

runWhereGranted(test);
