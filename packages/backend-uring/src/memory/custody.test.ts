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

/** Answers with a larger length each time it is asked, as a view of a SharedArrayBuffer does that another thread grows. */
class GrowingView extends Uint16Array {
  #asked = 0;

  override get byteLength(): number {
    this.#asked += 1;
    return Math.min(super.byteLength, (super.byteLength / 8) * this.#asked);
  }

  /** Begins to grow anew. */
  shrink(): this {
    this.#asked = 0;
    return this;
  }
}

/** Lent blocks, full of a pattern, around the block of `size` that the pool takes next. */
function surroundNextBlock(driver: Driver, size: number): () => boolean {
  const loans = Array.from({ length: 5 }, () => driver.allocate(size));
  const neighbours = loans.map((loan) => loan.bytes.fill(SCRIBBLE));
  loans[2]?.release();
  neighbours.splice(2, 1);
  return () => neighbours.every((bytes) => bytes.every((byte) => byte === SCRIBBLE));
}

test('vectors that grow while they are listed are filled as far as their bounce goes', async (context) => {
  const { driver, reader, writer } = context;
  const intact = surroundNextBlock(driver, 4096);
  writeNow(writer, Buffer.alloc(32_768, 1));
  const view = new GrowingView(16_384);
  const entry = readv(reader, [view]);
  view.shrink();
  assert.is(await driver.ioUringSubmit(entry), 4096);
  assert.ok(intact(), 'the memory behind the bounce was written to');
});

test('a buffer that grows while it is copied is written as far as its bounce goes', async (context) => {
  const { driver, reader, writer } = context;
  const intact = surroundNextBlock(driver, 4096);
  const entry = Entry.unsafe({
    opcode: IORING_OP_WRITE,
    fd: writer,
    len: 4096,
    buffer: new GrowingView(16_384).fill(1).shrink(),
  });
  assert.is(await driver.ioUringSubmit(entry), 4096);
  assert.is(readNow(reader, Buffer.alloc(32_768)), 4096);
  assert.ok(intact(), 'the memory behind the bounce was written to');
});

test('a buffer that says less than it holds has nothing of others written over', async (context) => {
  const { driver, reader, writer } = context;
  const intact = surroundNextBlock(driver, 64);
  const view = Object.defineProperty(new Uint8Array(4096).fill(1), 'length', { value: 64 });
  assert.is(await driver.ioUringSubmit(write(writer, view)), 4096);
  assert.is(readNow(reader, Buffer.alloc(4096)), 4096);
  assert.ok(intact(), 'the memory behind the bounce was written to');
});

test('a buffer that says more than it holds is refused, and leaves nothing of the pool behind', async ({
  driver,
  writer,
}) => {
  const view = Object.defineProperty(new Uint16Array(32), 'byteLength', { value: 4096 });
  const addr = { kind: 'bytes', view, length: 4096, access: MemoryAccess.KernelReads } as const;
  const attached = Entry.unsafe({ opcode: IORING_OP_WRITE, fd: writer, len: 4096, attached: { addr } });
  for (const entry of [write(writer, view), attached]) {
    let code: unknown;
    await driver.ioUringSubmit(entry).catch((error) => {
      code = error.code;
    });
    assert.is(code, 'ERR_POLYRING_DETACHED');
  }
  assert.is(driver.ioUring.pool.inFlight, 0);
});

test('a buffer that has grown in flight gets nothing of other blocks', async ({ driver }) => {
  if (!driver.ioUringProbe(IORING_OP_EPOLL_WAIT)) return;
  const epoll = epollCreate();
  const event = eventfd();
  epollCtl(epoll, EPOLL_CTL_ADD, event, PollEvents.IN, 0, 0);
  surroundNextBlock(driver, 64);
  const view = new GrowingView(256);
  const waiting = driver.ioUringSubmit(
    Entry.unsafe({
      opcode: IORING_OP_EPOLL_WAIT,
      fd: epoll,
      len: 1,
      buffer: view,
      access: MemoryAccess.KernelWrites,
    }),
  );
  writeNow(event, BigUint64Array.of(1n));
  assert.is(await waiting, 1);
  assert.ok(
    view.subarray(32).every((byte) => byte === 0),
    'it got the bytes of another block',
  );
  close(epoll);
  close(event);
});

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
