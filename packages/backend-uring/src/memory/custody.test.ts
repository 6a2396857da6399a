import {
  type Driver,
  Entry,
  IORING_OP_EPOLL_WAIT,
  IORING_OP_WRITE,
  MemoryAccess,
  PollEvents,
  read,
  readv,
  write,
  writev,
} from '@polyring/core';
import {
  close,
  EPOLL_CTL_ADD,
  epollCreate,
  epollCtl,
  eventfd,
  pipe2,
  read as readNow,
  write as writeNow,
} from '@polyring/sys';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { uringBackend } from '../factory.js';
import { testWith } from '../kernel-needs.test-support.js';
import { runWhereGranted } from '../run-where-granted.test-support.js';

interface Context {
  driver: Driver;
  reader: number;
  writer: number;
}

const SCRIBBLE = 0xee;

const test = suite<Context>('custody');

test.before.each((context) => {
  context.driver = uringBackend.create();
  [context.reader, context.writer] = pipe2();
});

test.after.each(async ({ driver, reader, writer }) => {
  await driver.close();
  close(reader);
  close(writer);
});

/**
 * A view of memory that grows to `most` bytes: when it is told to, or while it is copied, as that is when the memory is
 * asked whether it can.
 */
function growing(bytes: number, most: number): { view: Uint16Array; grow(): void } {
  // ES2024: @types/node 20 does not know growable buffers.
  const memory = Reflect.construct(SharedArrayBuffer, [bytes, { maxByteLength: most }]) as SharedArrayBuffer & {
    grow(length: number): void;
  };
  const grow = (): void => memory.grow(most);
  Object.defineProperty(memory, 'growable', {
    get: () => {
      grow();
      return true;
    },
  });
  return { view: new Uint16Array(memory), grow };
}

/** Lent blocks, full of a pattern, around the block of `size` that the pool takes next. */
function surroundNextBlock(driver: Driver, size: number): () => boolean {
  const loans = Array.from({ length: 5 }, () => driver.allocate(size));
  const neighbours = loans.map((loan) => loan.bytes.fill(SCRIBBLE));
  loans[2]?.release();
  neighbours.splice(2, 1);
  return () => neighbours.every((bytes) => bytes.every((byte) => byte === SCRIBBLE));
}

test('vectors that grow in flight are filled as far as their bounce goes', async (context) => {
  const { driver, reader, writer } = context;
  const intact = surroundNextBlock(driver, 4096);
  const { view, grow } = growing(4096, 32_768);
  const reading = driver.ioUringSubmit(readv(reader, [view]));
  grow();
  writeNow(writer, Buffer.alloc(32_768, 1));
  assert.is(await reading, 4096);
  assert.ok(intact(), 'the memory behind the bounce was written to');
});

test('a buffer that grows while it is copied is written as far as its bounce goes', async (context) => {
  const { driver, reader, writer } = context;
  const intact = surroundNextBlock(driver, 4096);
  for (const make of [write, (fd: number, view: Uint16Array) => writev(fd, [view])]) {
    const { view } = growing(4096, 32_768);
    assert.is(await driver.ioUringSubmit(make(writer, view)), 4096);
    assert.is(view.byteLength, 32_768, 'it did not grow');
    assert.is(readNow(reader, Buffer.alloc(32_768)), 4096);
    assert.ok(intact(), 'the memory behind the bounce was written to');
  }
});

test('a buffer that says less than it holds has nothing of others written over', async (context) => {
  const { driver, reader, writer } = context;
  const intact = surroundNextBlock(driver, 64);
  const view = Object.defineProperty(new Uint8Array(4096).fill(1), 'length', { value: 64 });
  assert.is(await driver.ioUringSubmit(write(writer, view)), 4096);
  assert.is(readNow(reader, Buffer.alloc(4096)), 4096);
  assert.ok(intact(), 'the memory behind the bounce was written to');
});

test('a buffer that says more than it holds is believed in nothing', async ({ driver, writer }) => {
  const view = Object.defineProperty(new Uint16Array(32), 'byteLength', { value: 4096 });
  const addr = { kind: 'bytes', view, length: 4096, access: MemoryAccess.KernelReads } as const;
  const attached = Entry.unsafe({ opcode: IORING_OP_WRITE, fd: writer, len: 4096, attached: { addr } });
  assert.is(await driver.ioUringSubmit(write(writer, view)), 64);
  let code: unknown;
  await driver.ioUringSubmit(attached).catch((error) => {
    code = error.code;
  });
  assert.is(code, 'ERR_POLYRING_DETACHED');
  assert.is(driver.ioUring.pool.inFlight, 0);
});

test('a buffer that says to be in other memory than it is gets what it asked for, and nobody else does', async (context) => {
  const { driver, reader, writer } = context;
  const lent = driver.allocate(64);
  const claimed = { buffer: { value: lent.bytes.buffer }, byteOffset: { get: () => ({ valueOf: () => 4096 }) } };
  for (const make of [read, (fd: number, view: ArrayBufferView) => readv(fd, [view])]) {
    for (const View of [Uint8Array, DataView]) {
      const memory = new ArrayBuffer(16);
      const view: ArrayBufferView = Object.defineProperties(Reflect.construct(View, [memory]), {
        ...claimed,
        byteLength: { value: 4096 },
      });
      writeNow(writer, Buffer.alloc(16, 1));
      assert.is(await driver.ioUringSubmit(make(reader, view)), 16);
      assert.equal(Buffer.from(memory), Buffer.alloc(16, 1));
    }
  }
  assert.ok(lent.bytes.every((byte) => byte === 0));
});

testWith(
  test,
  [IORING_OP_EPOLL_WAIT],
  'a buffer that has grown in flight gets nothing of other blocks',
  async ({ driver }) => {
    const epoll = epollCreate();
    const event = eventfd();
    epollCtl(epoll, EPOLL_CTL_ADD, event, PollEvents.IN, 0, 0);
    surroundNextBlock(driver, 64);
    const { view, grow } = growing(64, 512);
    const waiting = driver.ioUringSubmit(
      Entry.unsafe({
        opcode: IORING_OP_EPOLL_WAIT,
        fd: epoll,
        len: 1,
        buffer: view,
        access: MemoryAccess.KernelWrites,
      }),
    );
    grow();
    writeNow(event, BigUint64Array.of(1n));
    assert.is(await waiting, 1);
    assert.ok(
      view.subarray(32).every((byte) => byte === 0),
      'it got the bytes of another block',
    );
    close(epoll);
    close(event);
  },
);

test('what is written over all of a lent buffer does not move where vectors point', async (context) => {
  const { driver, reader, writer } = context;
  const lent = driver.allocate(64);
  const vectors = [Buffer.alloc(4), Buffer.alloc(4)];
  const reading = driver.ioUringSubmit(readv(reader, vectors));
  new Uint8Array(lent.bytes.buffer).fill(SCRIBBLE);
  writeNow(writer, Buffer.from('abcdefgh'));
  assert.is(await reading, 8);
  assert.is(Buffer.concat(vectors).toString(), 'abcdefgh');
});

test('an empty view at the end of lent memory is as good as any other', async ({ driver, reader }) => {
  const lent = driver.allocate(4096);
  assert.is(await driver.ioUringSubmit(read(reader, lent.bytes.subarray(4096))), 0);
});

runWhereGranted(test);
