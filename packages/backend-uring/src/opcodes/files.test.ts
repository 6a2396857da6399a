import { fstatSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import {
  FALLOC_FL_KEEP_SIZE,
  FALLOC_FL_PUNCH_HOLE,
  fadvise,
  fallocate,
  ftruncate,
  IORING_OP_FADVISE,
  IORING_OP_FALLOCATE,
  IORING_OP_FTRUNCATE,
  IORING_OP_MADVISE,
  IORING_OP_READV_FIXED,
  IORING_OP_SPLICE,
  IORING_OP_SYNC_FILE_RANGE,
  IORING_OP_TEE,
  IORING_OP_WRITEV_FIXED,
  MADV_POPULATE_WRITE,
  madvise,
  POSIX_FADV_DONTNEED,
  POSIX_FADV_SEQUENTIAL,
  readvFixed,
  SYNC_FILE_RANGE_WAIT_AFTER,
  SYNC_FILE_RANGE_WRITE,
  splice,
  syncFileRange,
  tee,
  writevFixed,
} from '@polyring/core';
import { pipe2, read as readNow, write as writeNow } from '@polyring/sys';
import { rejects } from '@polyring/test-support';
import * as assert from 'uvu/assert';
import { type OpcodeContext, opcodeSuite } from './opcode-suite.test-support.js';

const suite = opcodeSuite('opcodes of files');
const CONTENT = Buffer.from(Array.from({ length: 20_000 }, (_, index) => (index * 31) & 0xff));

function file({ path, opened }: OpcodeContext, content: Uint8Array = CONTENT): number {
  writeFileSync(path('file'), content);
  return opened(openSync(path('file'), 'r+'));
}

function pipe({ opened }: OpcodeContext): [number, number] {
  const [reader, writer] = pipe2();
  return [opened(reader), opened(writer)];
}

suite.covers([IORING_OP_FALLOCATE], 'room is made in a file, and a hole', async (context) => {
  const { submit, fails } = context;
  const fd = file(context);
  assert.is(await submit(fallocate(fd, 20_000, 10_000)), 0);
  assert.is(fstatSync(fd).size, 30_000);
  await submit(fallocate(fd, 0, 100_000, { mode: FALLOC_FL_KEEP_SIZE }));
  assert.is(fstatSync(fd).size, 30_000);
  await submit(fallocate(fd, 4096, 4096, { mode: FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE }));
  const bytes = readFileSync(context.path('file'));
  assert.equal(bytes.subarray(0, 4096), CONTENT.subarray(0, 4096));
  assert.equal(bytes.subarray(4096, 8192), Buffer.alloc(4096));
  assert.equal(bytes.subarray(8192, 20_000), CONTENT.subarray(8192));
  await fails(fallocate(fd, 0, 1, { mode: FALLOC_FL_PUNCH_HOLE }), 'ENOTSUP');
});

suite.covers([IORING_OP_FTRUNCATE], 'a file is cut off and extended', async (context) => {
  const { submit, fails } = context;
  const fd = file(context);
  assert.is(await submit(ftruncate(fd, 5)), 0);
  assert.equal(readFileSync(context.path('file')), CONTENT.subarray(0, 5));
  await submit(ftruncate(fd, 2 ** 33));
  assert.is(fstatSync(fd).size, 2 ** 33);
  await submit(ftruncate(fd));
  assert.is(fstatSync(fd).size, 0);
  const reader = context.opened(openSync(context.path('file'), 'r'));
  await fails(ftruncate(reader, 1), 'EINVAL');
});

suite.covers([IORING_OP_SYNC_FILE_RANGE], 'a range of a file is written to its device', async (context) => {
  const { submit, fails } = context;
  const fd = file(context);
  const flags = SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER;
  assert.is(await submit(syncFileRange(fd, 0, 4096, flags)), 0);
  assert.is(await submit(syncFileRange(fd, 4096, 0, flags)), 0);
  await fails(syncFileRange(fd, 0, 0, 8), 'EINVAL');
});

suite.covers([IORING_OP_FADVISE], 'advice on a file is taken, and nonsense is not', async (context) => {
  const { submit, fails } = context;
  const fd = file(context);
  assert.is(await submit(fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL)), 0);
  assert.is(await submit(fadvise(fd, 4096, 4096, POSIX_FADV_DONTNEED)), 0);
  await fails(fadvise(fd, 0, 0, 99), 'EINVAL');
  const [reader] = pipe(context);
  await fails(fadvise(reader, 0, 0, POSIX_FADV_SEQUENTIAL), 'ESPIPE');
});

suite.covers([IORING_OP_MADVISE], 'advice is on memory of the driver, in place', async ({ driver, submit, fails }) => {
  const lent = driver.allocate(2 ** 20);
  lent.bytes.fill(7);
  assert.is(await submit(madvise(lent.bytes, MADV_POPULATE_WRITE)), 0);
  assert.ok(lent.bytes.every((byte) => byte === 7));
  await fails(madvise(lent.bytes.subarray(1), MADV_POPULATE_WRITE), 'EINVAL');
  const other = await fails(madvise(Buffer.alloc(4096), MADV_POPULATE_WRITE), 'ERR_INVALID_ARG_TYPE');
  assert.match(other.message, /allocate/);
  lent.release();
  await fails(madvise(lent.bytes, MADV_POPULATE_WRITE), 'ERR_POLYRING_RELEASED');
});

suite.covers([IORING_OP_SPLICE], 'bytes are moved from a file into a pipe and on', async (context) => {
  const { submit, path, opened } = context;
  const fd = file(context);
  const [reader, writer] = pipe(context);
  assert.is(await submit(splice(fd, writer, 1000, { offsetIn: 500 })), 1000);
  writeFileSync(path('copy'), 'abc');
  const copy = opened(openSync(path('copy'), 'r+'));
  assert.is(await submit(splice(reader, copy, 600, { offsetOut: 3 })), 600);
  const rest = Buffer.alloc(1000);
  assert.is(readNow(reader, rest), 400);
  assert.equal(readFileSync(path('copy')), Buffer.concat([Buffer.from('abc'), CONTENT.subarray(500, 1100)]));
  assert.equal(rest.subarray(0, 400), CONTENT.subarray(1100, 1500));
  assert.is(await submit(splice(fd, writer, 10)), 10, 'the position of the file');
  assert.is(readNow(reader, rest), 10);
  assert.equal(rest.subarray(0, 10), CONTENT.subarray(0, 10));
  await context.fails(splice(fd, copy, 10), 'EINVAL');
});

suite.covers([IORING_OP_TEE], 'bytes are copied from pipe to pipe and stay', async (context) => {
  const [reader, writer] = pipe(context);
  const [secondReader, secondWriter] = pipe(context);
  writeNow(writer, Buffer.from('twice'));
  assert.is(await context.submit(tee(reader, secondWriter, 100)), 5);
  for (const end of [reader, secondReader]) {
    const bytes = Buffer.alloc(8);
    assert.is(readNow(end, bytes), 5);
    assert.is(bytes.toString('latin1', 0, 5), 'twice');
  }
});

suite.covers(
  [IORING_OP_READV_FIXED, IORING_OP_WRITEV_FIXED],
  'vectors of registered memory, of other memory and of both are read and written',
  async (context) => {
    const { driver, submit, path } = context;
    const fd = file(context);
    const lent = driver.allocate(8192);
    const inPlace = [lent.bytes.subarray(0, 3000), lent.bytes.subarray(5000, 6000)];
    const foreign = [Buffer.alloc(3000), Buffer.alloc(1000)];
    const mixed = [lent.bytes.subarray(0, 3000), Buffer.alloc(1000)];
    for (const vectors of [inPlace, foreign, mixed]) {
      for (const vector of vectors) vector.fill(0);
      assert.is(await submit(readvFixed(fd, vectors, 10)), 4000);
      assert.equal(Buffer.concat(vectors), CONTENT.subarray(10, 4010));
      assert.is(await submit(writevFixed(fd, vectors, 12_000)), 4000);
      assert.equal(readFileSync(path('file')).subarray(12_000, 16_000), CONTENT.subarray(10, 4010));
      writeFileSync(path('file'), CONTENT);
    }
    assert.is(await submit(readvFixed(fd, mixed, 19_000)), 1000, 'a short read');
    assert.equal(mixed[0]?.subarray(0, 1000), CONTENT.subarray(19_000));
    lent.release();
    await rejects(submit(readvFixed(fd, mixed, 0)), 'ERR_POLYRING_RELEASED');
  },
);

suite.run();
