import { closeSync, fstatSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import {
  type AttachedStruct,
  type Attachment,
  accept,
  type Driver,
  Entry,
  futexWaitv,
  type InetAddress,
  IORING_OP_FUTEX_WAITV,
  IORING_OP_NOP,
  IORING_OP_RECV,
  IORING_OP_STATX,
  MemoryAccess,
  MessageResult,
  recv,
  recvmsg,
  SocketAddressResult,
  sendmsg,
} from '@polyring/core';
import { bind, close, connect, getsockname, listen, send as sendNow, socket, socketpair } from '@polyring/sys';
import { rejects } from '@polyring/test-support';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { uringBackend } from '../factory.js';
import { testWith } from '../kernel-needs.test-support.js';
import { runWhereGranted } from '../run-where-granted.test-support.js';

interface Context {
  driver: Driver;
  left: number;
  right: number;
}

const SCRIBBLE = 0xee;

const test = suite<Context>('attached memory');

test.before.each((context) => {
  context.driver = uringBackend.create();
  [context.left, context.right] = socketpair();
});

test.after.each(async ({ driver, left, right }) => {
  await driver.close();
  close(left);
  close(right);
});

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Bytes of the pool that operations and loans use. */
function used(driver: Driver): number {
  const { lent, inFlight } = driver.ioUring.pool;
  return lent + inFlight;
}

test('a buffer that is detached in flight costs its bytes, and the descriptors come all the same', async (context) => {
  const { driver, left, right } = context;
  const buffer = new Uint8Array(100);
  const result = new MessageResult({ maximumFds: 1 });
  const receiving = driver.ioUringSubmit(recvmsg(left, [buffer, Buffer.alloc(4)], result));
  structuredClone(0, { transfer: [buffer.buffer] });
  await driver.ioUringSubmit(sendmsg(right, { buffers: [Buffer.from('lost')], fds: [right] }));
  await rejects(receiving, 'ERR_POLYRING_BUFFER_GONE');
  const [fd = -1] = result.fds;
  assert.is(fstatSync(fd).ino, fstatSync(right).ino);
  closeSync(fd);
  assert.is(used(driver), 0);
});

test('a buffer that is detached before submission is refused, and nothing is held', async ({ driver, left }) => {
  const buffer = new Uint8Array(100);
  const entry = sendmsg(left, { buffers: [driver.allocate(10).bytes, buffer], address: { path: '' } });
  const before = used(driver);
  structuredClone(0, { transfer: [buffer.buffer] });
  await rejects(driver.ioUringSubmit(entry), 'ERR_POLYRING_DETACHED');
  assert.is(used(driver), before);
});

test('what is written over all of a lent buffer moves no write of the kernel', async ({ driver, left, right }) => {
  const lent = driver.allocate(64);
  const buffers = [Buffer.alloc(4), Buffer.alloc(4)];
  const result = new MessageResult({ maximumFds: 1 });
  const receiving = driver.ioUringSubmit(recvmsg(left, buffers, result));
  new Uint8Array(lent.bytes.buffer).fill(SCRIBBLE);
  await driver.ioUringSubmit(sendmsg(right, { buffers: [Buffer.from('abcdefgh')], fds: [left] }));
  assert.is(await receiving, 8);
  assert.is(Buffer.concat(buffers).toString(), 'abcdefgh');
  assert.is(result.fds.length, 1);
  for (const fd of result.fds) closeSync(fd);
});

test('lent memory that is released in flight is lent to nobody before the end', async ({ driver, left, right }) => {
  const lent = driver.allocate(4096);
  const { byteOffset } = lent.bytes;
  const receiving = driver.ioUringSubmit(recvmsg(left, [lent.bytes], new MessageResult()));
  lent.release();
  const others = Array.from({ length: 32 }, () => driver.allocate(4096));
  assert.ok(others.every(({ bytes }) => bytes.byteOffset !== byteOffset));
  sendNow(right, Buffer.from('late'));
  assert.is(await receiving, 4);
  const after = Array.from({ length: 33 }, () => driver.allocate(4096));
  assert.ok(after.some(({ bytes }) => bytes.byteOffset === byteOffset));
});

testWith(
  test,
  [IORING_OP_FUTEX_WAITV],
  'an entry of which one piece is refused holds none of the others',
  async ({ driver }) => {
    const lent = driver.allocate(64);
    const word = new Int32Array(lent.bytes.buffer, lent.bytes.byteOffset, 1);
    const waiters = [word, new Int32Array(1)].map((each) => ({ word: each, expected: 0 }));
    await rejects(driver.ioUringSubmit(futexWaitv(waiters)), 'ERR_INVALID_ARG_TYPE');
    lent.release();
    assert.is(used(driver), 0);
  },
);

test('an operation that fails writes nothing back', async ({ driver }) => {
  const value = new Uint8Array(256).fill(SCRIBBLE);
  const bad = Entry.unsafe({
    opcode: IORING_OP_STATX,
    attached: { off: { kind: 'struct', bytes: new Uint8Array(256), into: value } },
  });
  await rejects(driver.ioUringSubmit(bad), 'EFAULT');
  assert.ok(value.every((byte) => byte === SCRIBBLE));
});

test('no address is left in what is copied back', async ({ driver, left, right }) => {
  const into = new Uint8Array(56);
  const views = [Buffer.alloc(8)];
  const bytes = new Uint8Array(56);
  bytes[24] = 1;
  const vectors = { kind: 'vectors', views, access: MemoryAccess.KernelWrites } as const;
  const entry = Entry.unsafe({
    opcode: 10,
    fd: left,
    len: 1,
    attached: { addr: { kind: 'struct', bytes, into, pointers: [{ at: 16, to: vectors }] } },
  });
  const receiving = driver.ioUringSubmit(entry);
  sendNow(right, Buffer.from('x'));
  assert.is(await receiving, 1);
  const fields = new DataView(into.buffer);
  assert.is(fields.getBigUint64(24, true), 1n, 'what was in the struct');
  assert.is(fields.getBigUint64(16, true), 0n, 'the address');
});

test('a struct, what it is copied back to and its addresses have to fit one another', async ({ driver }) => {
  const bytes = new Uint8Array(16);
  const to = { kind: 'bytes', view: Buffer.alloc(8), length: 8, access: MemoryAccess.KernelReads } as const;
  const submit = (struct: Omit<AttachedStruct, 'kind'>): Promise<number> =>
    driver.ioUringSubmit(Entry.unsafe({ opcode: IORING_OP_STATX, attached: { addr: { kind: 'struct', ...struct } } }));
  await rejects(submit({ bytes, into: new Uint8Array(17) }), 'ERR_INVALID_ARG_VALUE');
  for (const at of [-1, 9, 0.5]) await rejects(submit({ bytes, pointers: [{ at, to }] }), 'ERR_OUT_OF_RANGE');
  const lying = new (class extends Uint8Array {
    override get byteLength(): number {
      return 1e6;
    }
  })(16);
  await rejects(submit({ bytes: lying, pointers: [{ at: 16, to }] }), 'ERR_OUT_OF_RANGE');
  assert.is(used(driver), 0);
});

test('what an attachment says of itself later moves no byte that is not its own', async ({ driver, left, right }) => {
  const secret = driver.allocate(64);
  secret.bytes.fill('s');
  secret.release();
  const view = Buffer.alloc(64);
  const addr = { kind: 'bytes' as const, view, length: 8, access: MemoryAccess.KernelWrites };
  const receiving = driver.ioUringSubmit(
    Entry.unsafe({ opcode: IORING_OP_RECV, fd: left, len: 8, attached: { addr } }),
  );
  addr.length = 64;
  sendNow(right, Buffer.from('received'));
  assert.is(await receiving, 8);
  assert.is(view.toString('latin1').replaceAll('\0', ''), 'received');
});

test('an attachment is the entry’s from when that is made, and is of a kind and a length', async ({ driver }) => {
  const bytes = (length: unknown) => ({
    kind: 'bytes',
    view: Buffer.alloc(4),
    length,
    access: MemoryAccess.KernelReads,
  });
  const attached = { addr: bytes(4) as Attachment };
  const entry = Entry.unsafe({ opcode: IORING_OP_NOP, attached });
  attached.addr = { kind: 'vectors', views: [Buffer.alloc(1)], access: MemoryAccess.KernelWrites };
  assert.is(entry.attached?.addr?.kind, 'bytes');
  assert.throws(() => Object.assign(entry.attached as object, { addr: undefined }), TypeError);
  for (const [addr, code] of [
    [bytes(NaN), 'ERR_OUT_OF_RANGE'],
    [bytes(undefined), 'ERR_INVALID_ARG_TYPE'],
    [{ kind: 'other' }, 'ERR_INVALID_ARG_TYPE'],
  ] as const) {
    const submitted = driver.ioUringSubmit(
      Entry.unsafe({ opcode: IORING_OP_NOP, attached: { addr: addr as Attachment } }),
    );
    assert.is(await submitted.catch((error: NodeJS.ErrnoException) => error.code), code);
  }
});

test('a view that grows in flight is filled as far as it went at submission', async ({ driver, left, right }) => {
  for (const build of [
    (view: Uint8Array) => recv(left, view, { flags: 0 }),
    (view: Uint8Array) => recvmsg(left, [view], new MessageResult()),
  ]) {
    const buffer = new (SharedArrayBuffer as new (length: number, options: object) => SharedArrayBuffer)(8, {
      maxByteLength: 64,
    });
    const view = new Uint8Array(buffer);
    const receiving = driver.ioUringSubmit(build(view));
    (buffer as unknown as { grow(length: number): void }).grow(64);
    sendNow(right, Buffer.alloc(20, SCRIBBLE));
    assert.is(await receiving, 8);
    assert.equal([...view], [...new Uint8Array(8).fill(SCRIBBLE), ...new Uint8Array(56)]);
    assert.is(await driver.ioUringSubmit(recv(left, Buffer.alloc(20))), 12);
  }
});

test('an entry with attached memory is cancelled, and may be submitted again', async ({ driver }) => {
  const listener = socket('ipv4', 'stream');
  bind(listener, { address: '127.0.0.1', port: 0 });
  listen(listener);
  const peer = new SocketAddressResult();
  const entry = accept(listener, { peer });
  const controller = new AbortController();
  const accepting = driver.ioUringSubmit(entry, { signal: controller.signal });
  controller.abort();
  await rejects(accepting, 'ABORT_ERR');
  assert.is(peer.address, undefined);
  const again = driver.ioUringSubmit(entry);
  const client = socket('ipv4', 'stream');
  connect(client, getsockname(listener) as InetAddress);
  close(await again);
  assert.equal(peer.address, getsockname(client));
  close(client);
  close(listener);
});

test('closing the driver ends what waits with attached memory', async ({ driver, left }) => {
  const receiving = driver.ioUringSubmit(recvmsg(left, [Buffer.alloc(10)], new MessageResult({ maximumFds: 3 })));
  const rejected = rejects(receiving, 'ERR_POLYRING_CLOSED');
  await driver.close();
  await rejected;
});

test('an operation that is over keeps no buffer of the caller', async ({ driver, left, right }) => {
  let buffer: Uint8Array | undefined = new Uint8Array(4);
  const reference = new WeakRef(buffer);
  const receiving = driver.ioUringSubmit(recv(left, buffer, {}));
  buffer = undefined;
  sendNow(right, Buffer.from('x'));
  assert.is(await receiving, 1);
  // A collection behind a turn of the loop, as what a turn has looked at lasts until its end. The runner ends a vain wait.
  do {
    await new Promise(setImmediate);
    collectGarbage();
  } while (reference.deref() !== undefined);
});

runWhereGranted(test);
