import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import {
  acceptMultishot,
  type Completion,
  type Driver,
  filesUpdate,
  type Multishot,
  nop,
  openat,
  read,
  readMultishot,
  recvMultishot,
  type SystemError,
  socket as socketEntry,
  write,
} from '@polyring/core';
import { bind, close, connect, getsockname, listen, pipe2, recv, socket, write as writeNow } from '@polyring/sys';
import { rejects, temporaryDirectory, throws } from '@polyring/test-support';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { uringBackend } from '../factory.js';
import { testWith } from '../kernel-needs.test-support.js';
import { runWhereGranted } from '../run-where-granted.test-support.js';

interface Context {
  driver: Driver;
  directory: string;
  file: string;
}

const test = suite<Context>('registered files');

test.before.each((context) => {
  context.driver = uringBackend.create();
  context.directory = temporaryDirectory({ file: 'registered' });
  context.file = join(context.directory, 'file');
});

test.after.each(({ driver }) => driver.close());

async function take(multishot: Multishot): Promise<Completion> {
  const { value } = await multishot.next();
  if (value === undefined) throw new Error('The iteration is over');
  return value;
}

async function readText(driver: Driver, slot: number): Promise<string> {
  const bytes = Buffer.alloc(16);
  const length = await driver.ioUringSubmit(read(slot, bytes, 0, { fixedFile: true }));
  return bytes.subarray(0, length).toString();
}

test('operations name a slot, and the descriptor may be closed', async ({ driver, file }) => {
  const files = driver.ioUring.fileTable({ slots: 2 });
  const fd = openSync(file, 'r');
  const slot = files.add(fd);
  closeSync(fd);
  assert.is(await readText(driver, slot), 'registered');
  files.remove(slot);
  files.remove(slot);
  await rejects(readText(driver, slot), 'EBADF');
});

test('slots are given once, used again, and run out with ENFILE', ({ driver, file }) => {
  const files = driver.ioUring.fileTable({ slots: 3 });
  const fd = openSync(file, 'r');
  const slots = [files.add(fd), files.add(fd), files.add(fd)];
  assert.equal([...slots].sort(), [0, 1, 2]);
  throws(() => files.add(fd), 'ENFILE');
  files.remove(slots[1] as number);
  assert.is(files.add(fd), slots[1]);
  closeSync(fd);
  throws(() => files.add(fd), 'ENFILE');
});

test('a descriptor that is not open takes no slot', ({ driver, file }) => {
  const files = driver.ioUring.fileTable({ slots: 1 });
  const fd = openSync(file, 'r');
  closeSync(fd);
  assert.throws(
    () => files.add(fd),
    (error: SystemError) => error.code === 'EBADF' && error.fd === fd,
  );
  const other = openSync(file, 'r');
  files.add(other);
  closeSync(other);
});

test('an operation in flight goes on when its file is removed', async ({ driver }) => {
  const files = driver.ioUring.fileTable({ slots: 1 });
  const [reader, writer] = pipe2();
  const slot = files.add(reader);
  const bytes = Buffer.alloc(8);
  const reading = driver.ioUringSubmit(read(slot, bytes, -1, { fixedFile: true }));
  await driver.ioUringSubmit(nop());
  files.remove(slot);
  writeNow(writer, Buffer.from('late'));
  assert.is(await reading, 4);
  close(reader);
  close(writer);
});

testWith(
  test,
  ['directDescriptors'],
  'files are opened and sockets made right in a slot, which no add() takes',
  async ({ driver, file }) => {
    const files = driver.ioUring.fileTable({ slots: 1, directSlots: 2 });
    const opened = await driver.ioUringSubmit(openat(file, 0, { direct: 'alloc' }));
    assert.ok(opened >= 1, 'a slot of the kernel');
    assert.is(await readText(driver, opened), 'registered');
    const made = await driver.ioUringSubmit(socketEntry('unix', 'stream', { direct: 'alloc' }));
    assert.ok(made >= 1 && made !== opened);
    await rejects(driver.ioUringSubmit(openat(file, 0, { direct: 'alloc' })), 'ENFILE');
    const fd = openSync(file, 'r');
    assert.is(files.add(fd), 0);
    closeSync(fd);
    files.remove(opened);
    assert.is(await driver.ioUringSubmit(openat(file, 0, { direct: 'alloc' })), opened);
  },
);

test('without slots of its own the kernel takes none', async ({ driver, file }) => {
  driver.ioUring.fileTable({ slots: 4 });
  const code = driver.ioUring.features.directDescriptors ? 'ENFILE' : 'ERR_POLYRING_UNSUPPORTED';
  await rejects(driver.ioUringSubmit(openat(file, 0, { direct: 'alloc' })), code);
  await rejects(driver.ioUringSubmit(filesUpdate(Int32Array.of(0), 'alloc')), code);
});

testWith(
  test,
  ['directDescriptors', 'bufferRing'],
  'connections are accepted into slots, and those that nobody took are dropped',
  async ({ driver }) => {
    const files = driver.ioUring.fileTable({ slots: 1, directSlots: 4 });
    await using buffers = driver.ioUring.bufferRing({ entries: 4, bufferSize: 64 });
    const listener = socket('ipv4', 'stream', { nonblock: false });
    bind(listener, { family: 'IPv4', address: '127.0.0.1', port: 0 });
    listen(listener);
    const clients = Array.from({ length: 4 }, () => socket('ipv4', 'stream', { nonblock: false }));
    const accepts = driver.multishot(acceptMultishot(files.add(listener), { direct: 'alloc', fixedFile: true }));
    for (const client of clients) connect(client, getsockname(listener));
    const { result: slot } = await take(accepts);
    writeNow(clients[0] as number, Buffer.from('hello'));
    const received = driver.multishot(recvMultishot(slot, buffers, { fixedFile: true }));
    const { bytes } = await take(received);
    await driver.ioUringSubmit(write(slot, bytes as Buffer, -1, { fixedFile: true }));
    await received.return();
    const reply = Buffer.alloc(8);
    assert.is(recv(clients[0] as number, reply), 5);
    await accepts.return();
    for (const client of clients.slice(1)) assert.is(recv(client, reply), 0, 'the kernel closed it');
    files.remove(slot);
    assert.is(recv(clients[0] as number, reply), 0);
    for (const fd of [...clients, listener]) close(fd);
  },
);

testWith(test, ['readMultishot', 'bufferRing'], 'a pipe in a slot is read by a multishot', async ({ driver }) => {
  const files = driver.ioUring.fileTable();
  await using buffers = driver.ioUring.bufferRing({ entries: 2, bufferSize: 16 });
  const [reader, writer] = pipe2();
  const slot = files.add(reader);
  close(reader);
  writeNow(writer, Buffer.from('from a slot'));
  const reads = driver.multishot(readMultishot(slot, buffers, { fixedFile: true }));
  assert.is(String((await take(reads)).bytes), 'from a slot');
  close(writer);
  assert.equal(await reads.next(), { value: undefined, done: true });
});

testWith(test, ['directDescriptors'], 'a ring has one table, of a sensible size', ({ driver }) => {
  for (const options of [{ slots: -1 }, { slots: 0 }, { slots: 2 ** 20 }, { directSlots: 0.5 }]) {
    throws(() => driver.ioUring.fileTable(options), 'ERR_OUT_OF_RANGE');
  }
  const files = driver.ioUring.fileTable({ slots: 1, directSlots: 1 });
  throws(() => driver.ioUring.fileTable(), 'ERR_POLYRING_IN_USE');
  throws(() => files.remove(2), 'ERR_OUT_OF_RANGE');
});

runWhereGranted(test);
