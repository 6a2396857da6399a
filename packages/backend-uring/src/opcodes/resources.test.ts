import { constants, fstatSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import {
  closeDirect,
  filesUpdate,
  fixedFdInstall,
  getsockopt,
  IORING_CQE_BUFFER_SHIFT,
  IORING_CQE_F_BUFFER,
  IORING_OP_CLOSE,
  IORING_OP_FILES_UPDATE,
  IORING_OP_FIXED_FD_INSTALL,
  IORING_OP_MSG_RING,
  IORING_OP_OPENAT,
  IORING_OP_PIPE,
  IORING_OP_PROVIDE_BUFFERS,
  IORING_OP_READ,
  IORING_OP_RECV,
  IORING_OP_RECV_ZC,
  IORING_OP_REMOVE_BUFFERS,
  IORING_OP_SOCKET,
  IORING_OP_SPLICE,
  IORING_OP_URING_CMD,
  msgRing,
  openat,
  PipeResult,
  pipe,
  provideBuffers,
  read,
  recvMultishot,
  recvZc,
  removeBuffers,
  setsockopt,
  socket,
  socketInq,
  socketOutq,
  splice,
  write,
} from '@polyring/core';
import {
  getsockopt as getsockoptNow,
  isNonblocking,
  read as readNow,
  SO_RCVBUF,
  SO_TYPE,
  SOL_SOCKET,
  send as sendNow,
  socketpair,
  write as writeNow,
} from '@polyring/sys';
import { rejects } from '@polyring/test-support';
import * as assert from 'uvu/assert';
import { loadBinding } from '../kernel/binding.js';
import { opcodeSuite } from './opcode-suite.test-support.js';

const suite = opcodeSuite('opcodes of resources');

/** Four slots for files that are put there, and behind them four for those that the kernel puts there. */
const FILES = { slots: 4, directSlots: 4 };

suite.covers(
  [IORING_OP_FILES_UPDATE, IORING_OP_CLOSE, IORING_OP_READ, 'directDescriptors'],
  'registered files are filled, used and closed',
  async ({ driver, submit, path, opened }) => {
    const files = driver.ioUring.fileTable(FILES);
    writeFileSync(path('file'), 'content');
    const fd = opened(openSync(path('file'), 'r+'));
    assert.is(await submit(filesUpdate(Int32Array.of(fd, -1, fd), 2)), 3);
    const bytes = Buffer.alloc(7);
    assert.is(await submit(read(4, bytes, 0, { fixedFile: true })), 7);
    assert.is(bytes.toString(), 'content');
    const failure = await rejects(submit(read(3, bytes, 0, { fixedFile: true })), 'EBADF');
    assert.is((failure as { fd?: number }).fd, undefined, 'the number is no descriptor');
    const slots = Int32Array.of(fd, fd);
    assert.is(await submit(filesUpdate(slots, 'alloc')), 2);
    const [slot = -1, another] = slots;
    assert.ok(slot !== another && ![2, 4].includes(slot));
    assert.is(await submit(closeDirect(slot)), 0);
    const empty = await rejects(submit(closeDirect(slot)), 'EBADF');
    assert.is((empty as { fd?: number }).fd, undefined);
    const added = files.add(fd);
    assert.is(await submit(read(added, bytes, 0, { fixedFile: true })), 7);
    files.remove(added);
    await rejects(submit(read(added, bytes, 0, { fixedFile: true })), 'EBADF');
  },
);

suite.covers([IORING_OP_FIXED_FD_INSTALL], 'a registered file is given a descriptor', async (context) => {
  const { driver, submit, path, opened } = context;
  const files = driver.ioUring.fileTable(FILES);
  writeFileSync(path('file'), 'content');
  const fd = opened(openSync(path('file'), 'r+'));
  const slot = files.add(fd);
  const installed = opened(await submit(fixedFdInstall(slot)));
  assert.is(fstatSync(installed).ino, fstatSync(fd).ino);
  assert.is(await submit(closeDirect(slot)), 0);
  await rejects(submit(fixedFdInstall(slot)), 'EBADF');
});

suite.covers(
  [IORING_OP_OPENAT, IORING_OP_SOCKET, 'directDescriptors'],
  'files and sockets are made among the registered files',
  async ({ driver, submit, path }) => {
    driver.ioUring.fileTable(FILES);
    writeFileSync(path('file'), 'content');
    assert.is(await submit(openat(path('file'), constants.O_RDWR, { direct: 5 })), 0);
    assert.is(await submit(write(5, Buffer.from('C'), 0, { fixedFile: true })), 1);
    assert.is(readFileSync(path('file'), 'utf8'), 'Content');
    const slot = await submit(socket('unix', 'stream', { direct: 'alloc' }));
    assert.ok(slot !== 5);
    assert.is(await submit(closeDirect(slot)), 0);
  },
);

suite.covers(
  [IORING_OP_PIPE, IORING_OP_SPLICE],
  'a pipe is made among the registered files, and filled from another',
  async ({ driver, submit, path }) => {
    const files = driver.ioUring.fileTable(FILES);
    writeFileSync(path('file'), 'Content');
    assert.is(await submit(openat(path('file'), constants.O_RDWR, { direct: 5 })), 0);
    const ends = new PipeResult();
    await submit(pipe(ends, { direct: 'alloc' }));
    assert.ok(new Set([ends.readEnd, ends.writeEnd, 5]).size === 3);
    const fixed = { fixedFile: true, fixedFileIn: true, offsetIn: 0 };
    assert.is(await submit(splice(5, ends.writeEnd, 7, fixed)), 7);
    const bytes = Buffer.alloc(7);
    assert.is(await submit(read(ends.readEnd, bytes, -1, { fixedFile: true })), 7);
    assert.is(bytes.toString(), 'Content');
    files.remove(ends.readEnd);
    await rejects(submit(read(ends.readEnd, bytes, -1, { fixedFile: true })), 'EBADF');
  },
);

suite.covers([IORING_OP_PIPE], 'a pipe is made', async ({ submit, opened }) => {
  const ends = new PipeResult();
  assert.is(ends.readEnd, -1);
  assert.is(await submit(pipe(ends)), 0);
  const [reader, writer] = [opened(ends.readEnd), opened(ends.writeEnd)];
  assert.ok(isNonblocking(reader) && isNonblocking(writer));
  writeNow(writer, Buffer.from('through'));
  const bytes = Buffer.alloc(8);
  assert.is(readNow(reader, bytes), 7);
  await submit(pipe(ends, { packets: true, nonblock: false }));
  const [packets, writes] = [opened(ends.readEnd), opened(ends.writeEnd)];
  assert.is(isNonblocking(packets), false);
  writeNow(writes, Buffer.from('one'));
  writeNow(writes, Buffer.from('two'));
  assert.is(readNow(packets, bytes), 3);
});

suite.covers(
  [IORING_OP_PROVIDE_BUFFERS, IORING_OP_REMOVE_BUFFERS, IORING_OP_RECV, 'recvMultishot'],
  'provided buffers are selected, and taken back',
  async (context) => {
    const { driver, submit, fails, opened } = context;
    const [left, right] = socketpair().map(opened) as [number, number];
    const lent = driver.allocate(256);
    const { bytes } = lent;
    assert.ok((await submit(provideBuffers(bytes, 7, { count: 4, firstId: 10 }))) >= 0);
    // The kernel has the memory, so that nobody else gets it.
    lent.release();
    const others = Array.from({ length: 64 }, () => driver.allocate(256));
    assert.ok(others.every((other) => other.bytes.byteOffset !== bytes.byteOffset));
    sendNow(right, Buffer.from('hello'));
    for await (const { result, flags } of driver.multishot(recvMultishot(left, { group: 7 }))) {
      assert.is(result, 5);
      assert.ok((flags & IORING_CQE_F_BUFFER) !== 0);
      const at = 64 * ((flags >>> IORING_CQE_BUFFER_SHIFT) - 10);
      assert.is(bytes.toString('latin1', at, at + 5), 'hello');
      break;
    }
    assert.is(await submit(removeBuffers(7, 10)), 3);
    await fails(removeBuffers(99, 1), 'ENOENT');
    await fails(provideBuffers(Buffer.alloc(64), 7), 'ERR_INVALID_ARG_TYPE');
  },
);

suite.covers([IORING_OP_MSG_RING], 'a completion is posted to another ring', async ({ submit, fails, opened }) => {
  const ring = new (loadBinding().Ring)(4, 8, 0);
  assert.is(await submit(msgRing(ring.fd, 42, 5)), 0);
  const words = new Uint32Array(ring.rings);
  assert.is(words[ring.cqTail / 4], 1);
  assert.equal([...words.subarray(ring.cqes / 4, ring.cqes / 4 + 4)], [0x8000_0005, 0, 42, 0]);
  ring.close();
  const [left] = socketpair().map(opened) as [number, number];
  await fails(msgRing(left, 1), 'EBADFD');
});

// The commands of sockets came with Linux 6.7, as that feature.
suite.covers(
  [IORING_OP_URING_CMD, 'readMultishot'],
  'sockets tell what is queued, and their options are read and set',
  async (context) => {
    const { submit, fails, opened } = context;
    const [left, right] = socketpair().map(opened) as [number, number];
    const fd = opened(await submit(socket('ipv4', 'dgram')));
    assert.is(await submit(socketInq(fd)), 0);
    assert.is(await submit(socketOutq(fd)), 0);
    const value = Int32Array.of(-1, -1);
    assert.is(await submit(getsockopt(fd, SOL_SOCKET, SO_TYPE, value)), 4);
    assert.equal([...value], [2, -1], 'no more than the value was written');
    assert.is(await submit(setsockopt(fd, SOL_SOCKET, SO_RCVBUF, Int32Array.of(8192))), 0);
    assert.is(getsockoptNow(fd, SOL_SOCKET, SO_RCVBUF), 16_384);
    await fails(setsockopt(fd, SOL_SOCKET, SO_RCVBUF, new Uint8Array(1)), 'EINVAL');
    sendNow(right, Buffer.from('x'));
    await fails(socketInq(left), 'ENOTSUP');
  },
);

suite.covers([IORING_OP_RECV_ZC], 'a receive without a copy is refused where no queue is set up', async (context) => {
  const [left] = socketpair().map(context.opened) as [number, number];
  await context.fails(recvZc(left, 0), 'ERR_POLYRING_UNSUPPORTED');
  await rejects(context.driver.multishot(recvZc(left, 0)).next(), 'EINVAL');
});

suite.run();
