import { fstatSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import {
  close,
  fsync,
  IORING_OP_CLOSE,
  IORING_OP_FSYNC,
  IORING_OP_NOP,
  IORING_OP_READ,
  IORING_OP_READ_FIXED,
  IORING_OP_READ_MULTISHOT,
  IORING_OP_READV,
  IORING_OP_WRITE,
  IORING_OP_WRITE_FIXED,
  IORING_OP_WRITEV,
  nop,
  RWF_APPEND,
  RWF_NOWAIT,
  read,
  readFixed,
  readMultishot,
  readv,
  write,
  writeFixed,
  writev,
} from '@polyring/core';
import { pipe2, write as writeNow } from '@polyring/sys';
import * as assert from 'uvu/assert';
import { type OpcodeContext, opcodeSuite } from './opcode-suite.test-support.js';

const suite = opcodeSuite('opcodes of transfers');
const CONTENT = Buffer.from(Array.from({ length: 20_000 }, (_, index) => (index * 31) & 0xff));

function file({ path, opened }: OpcodeContext): number {
  writeFileSync(path('file'), CONTENT);
  return opened(openSync(path('file'), 'r+'));
}

suite.covers([IORING_OP_NOP], 'a nop completes', async ({ submit }) => {
  assert.is(await submit(nop()), 0);
});

suite.covers([IORING_OP_READ, IORING_OP_WRITE], 'a file is read and written at offsets', async (context) => {
  const { submit, fails, path } = context;
  const fd = file(context);
  const bytes = Buffer.alloc(1000);
  assert.is(await submit(read(fd, bytes, 500)), 1000);
  assert.equal(bytes, CONTENT.subarray(500, 1500));
  assert.is(await submit(read(fd, bytes)), 1000, 'the position of the file');
  assert.is(await submit(read(fd, bytes, -1, { async: true })), 1000);
  assert.equal(bytes, CONTENT.subarray(1000, 2000));
  assert.is(await submit(write(fd, Buffer.from('here'), 100)), 4);
  assert.is(await submit(write(fd, Buffer.from('end'), 0, { rwFlags: RWF_APPEND })), 3);
  const written = readFileSync(path('file'));
  assert.is(written.toString('latin1', 100, 104), 'here');
  assert.is(written.toString('latin1', 20_000), 'end');
  const [reader] = pipe2().map(context.opened) as [number, number];
  // Pipes have it since Linux 6.4, as that feature.
  const { timeoutMultishot } = context.driver.ioUring.features;
  await fails(read(reader, bytes, -1, { rwFlags: RWF_NOWAIT }), timeoutMultishot ? 'EAGAIN' : 'ENOTSUP');
});

suite.covers([IORING_OP_READV, IORING_OP_WRITEV], 'vectors are filled and written in order', async (context) => {
  const { submit, path } = context;
  const fd = file(context);
  const vectors = [Buffer.alloc(10), Buffer.alloc(0), Buffer.alloc(90)];
  assert.is(await submit(readv(fd, vectors, 7)), 100);
  assert.equal(Buffer.concat(vectors), CONTENT.subarray(7, 107));
  assert.is(await submit(writev(fd, vectors, 5000)), 100);
  assert.equal(readFileSync(path('file')).subarray(5000, 5100), CONTENT.subarray(7, 107));
});

suite.covers(
  [IORING_OP_READ_FIXED, IORING_OP_WRITE_FIXED],
  'registered memory is read into and from',
  async (context) => {
    const { driver, submit, path } = context;
    const fd = file(context);
    const lent = driver.allocate(4096);
    assert.is(await submit(readFixed(fd, lent.bytes, 3)), 4096);
    assert.equal(lent.bytes, CONTENT.subarray(3, 4099));
    assert.is(await submit(writeFixed(fd, lent.bytes.subarray(0, 100), 9000)), 100);
    assert.equal(readFileSync(path('file')).subarray(9000, 9100), CONTENT.subarray(3, 103));
  },
);

suite.covers([IORING_OP_FSYNC], 'a file is synced', async (context) => {
  const { submit, fails } = context;
  const fd = file(context);
  assert.is(await submit(fsync(fd)), 0);
  assert.is(await submit(fsync(fd, { dataSync: true, offset: 4096, length: 4096 })), 0);
  const [reader] = pipe2().map(context.opened) as [number, number];
  await fails(fsync(reader), 'EINVAL');
});

suite.covers([IORING_OP_CLOSE], 'a descriptor is closed, and no other', async ({ submit, fails }) => {
  const [reader, writer] = pipe2();
  assert.is(await submit(close(reader)), 0);
  await fails(close(reader), 'EBADF');
  assert.ok(fstatSync(writer).isFIFO());
  await fails(write(writer, Buffer.from('x')), 'EPIPE');
  await submit(close(writer));
});

suite.covers(
  [IORING_OP_READ_MULTISHOT, 'bufferRing'],
  'a pipe is read again and again into selected buffers',
  async (context) => {
    const { driver, opened, fails } = context;
    const [reader, writer] = pipe2().map(opened) as [number, number];
    const entry = readMultishot(reader, driver.ioUring.bufferRing({ entries: 4, bufferSize: 64 }));
    const refused = await fails(entry, 'ERR_POLYRING_UNSUPPORTED');
    assert.match(refused.message, /driver\.multishot/);
    const seen: string[] = [];
    writeNow(writer, Buffer.from('first'));
    for await (const { bytes } of driver.multishot(entry)) {
      seen.push(String(bytes));
      if (seen.length === 2) break;
      writeNow(writer, Buffer.from('second'));
    }
    assert.equal(seen, ['first', 'second']);
  },
);

suite.run();
