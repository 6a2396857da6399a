import { throws } from '@polyring/test-support';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { after, type Instant } from '../../values/instant.js';
import { PollEvents } from '../../values/poll-events.js';
import { Entry, type EntryFields, MemoryAccess } from '../entry.js';
import { asyncCancel } from './cancel.js';
import { close, fsync, read, readFixed, readv, write, writeFixed, writev } from './file-io.js';
import { recvMultishot, recvSelected } from './multishot.js';
import { nop } from './nop.js';
import { pollAdd, pollRemove } from './poll.js';
import { timeout, timeoutRemove } from './timeout.js';

const ZERO = {
  flags: 0,
  ioprio: 0,
  fd: -1,
  off: 0,
  addr: 0,
  len: 0,
  opFlags: 0,
  bufIndex: 0,
  personality: 0,
  fileIndex: 0,
  addr3: 0,
  buffer: undefined,
  vectors: undefined,
  access: MemoryAccess.KernelReads,
  target: undefined,
} as const;

function assertFields(entry: Entry, fields: EntryFields): void {
  const expected: Record<string, unknown> = { ...ZERO, ...fields };
  for (const [name, value] of Object.entries(expected)) {
    const actual: unknown = entry[name as keyof Entry];
    if (typeof value === 'object') assert.equal(actual, value, name);
    else assert.is(actual, value, name);
  }
}

const bytes = Buffer.alloc(16);

test('a nop has no descriptor and no memory', () => {
  assertFields(nop(), { opcode: 0 });
});

test('a read lets the kernel write the buffer, at the file position unless told otherwise', () => {
  assertFields(read(3, bytes), {
    opcode: 22,
    fd: 3,
    off: -1,
    len: 16,
    buffer: bytes,
    access: MemoryAccess.KernelWrites,
  });
  assert.is(read(3, bytes, 2 ** 40).off, 2 ** 40);
});

test('a receive into a selected buffer is for more than any holds, and no number is given where it is a multishot', () => {
  const selecting = { opcode: 27, fd: 3, flags: 1 << 5, bufIndex: 9 };
  assertFields(recvSelected(3, { group: 9 }), { ...selecting, len: 0x7ffff000 });
  assertFields(recvMultishot(3, { group: 9 }), { ...selecting, ioprio: 1 << 1 });
});

test('a write lets the kernel read the buffer', () => {
  assertFields(write(3, bytes, 5), { opcode: 23, fd: 3, off: 5, len: 16, buffer: bytes });
});

test('the fixed forms differ in the opcode', () => {
  assertFields(readFixed(3, bytes, 0), {
    opcode: 4,
    fd: 3,
    len: 16,
    buffer: bytes,
    access: MemoryAccess.KernelWrites,
  });
  assertFields(writeFixed(3, bytes, 0), { opcode: 5, fd: 3, len: 16, buffer: bytes });
});

test('the length of a view is in bytes, whatever its elements are', () => {
  assert.is(read(3, new Float64Array(4)).len, 32);
  assert.is(read(3, new DataView(new ArrayBuffer(9), 2)).len, 7);
  assert.is(read(3, Buffer.alloc(9).subarray(4)).len, 5);
  assert.is(read(3, new Uint8Array(0)).len, 0);
});

test('a view of a detached buffer is left to the driver to refuse', () => {
  const buffer = new ArrayBuffer(8);
  const views = [new Uint8Array(buffer), new DataView(buffer), new Float64Array(buffer)];
  structuredClone(buffer, { transfer: [buffer] });
  for (const view of views) assert.is(write(3, view).len, 0);
});

test('the flags of a transfer reach their fields', () => {
  assertFields(write(3, bytes, 0, { rwFlags: 2, async: true }), {
    opcode: 23,
    fd: 3,
    len: 16,
    buffer: bytes,
    flags: 16,
    opFlags: 2,
  });
  assertFields(readv(3, [bytes], 0, { rwFlags: 8 }), {
    opcode: 1,
    fd: 3,
    len: 1,
    vectors: [bytes],
    opFlags: 8,
    access: MemoryAccess.KernelWrites,
  });
});

test('a vectored transfer counts its buffers', () => {
  const vectors = [bytes, new Uint8Array(4)];
  assertFields(readv(3, vectors), {
    opcode: 1,
    fd: 3,
    off: -1,
    len: 2,
    vectors,
    access: MemoryAccess.KernelWrites,
  });
  assertFields(writev(3, vectors, 7), { opcode: 2, fd: 3, off: 7, len: 2, vectors });
});

test('a vectored transfer keeps its buffers though the caller changes the list', () => {
  const vectors = [bytes];
  const entry = writev(3, vectors);
  vectors.pop();
  assert.equal(entry.vectors, [bytes]);
});

test('fsync takes the whole file, or a range with a length', () => {
  assertFields(fsync(3), { opcode: 3, fd: 3 });
  assertFields(fsync(3, { dataSync: true, offset: 4096, length: 512 }), {
    opcode: 3,
    fd: 3,
    off: 4096,
    len: 512,
    opFlags: 1,
  });
  throws(() => fsync(3, { offset: 1 }), 'ERR_OUT_OF_RANGE', /options\.length/);
  throws(() => fsync(3, { offset: -1, length: 1 }), 'ERR_OUT_OF_RANGE');
  throws(() => fsync(3, null as never), 'ERR_INVALID_ARG_TYPE');
});

test('close has a descriptor and nothing else', () => {
  assertFields(close(9), { opcode: 19, fd: 9 });
});

test('a poll carries its events', () => {
  assertFields(pollAdd(3, PollEvents.IN | PollEvents.RDHUP), { opcode: 6, fd: 3, opFlags: 0x2001 });
  throws(() => pollAdd(3, -1), 'ERR_OUT_OF_RANGE', /events/);
  throws(() => pollAdd(3, '1' as never), 'ERR_INVALID_ARG_TYPE', /events/);
});

test('a removal and a cancel carry the entry they are for', () => {
  const target = nop();
  for (const [entry, opcode] of [
    [pollRemove(target), 7],
    [timeoutRemove(target), 12],
    [asyncCancel(target), 14],
  ] as const) {
    assert.is(entry.opcode, opcode);
    assert.is(entry.target, target);
    assert.is(entry.fd, -1);
  }
});

test('a cancel by descriptor says so in its flags', () => {
  assertFields(asyncCancel({ fd: 4, all: undefined }), { opcode: 14, fd: 4, opFlags: 2 });
  assertFields(asyncCancel({ fd: 4, all: true }), { opcode: 14, fd: 4, opFlags: 3 });
  throws(() => asyncCancel({ fd: -1 }), 'ERR_OUT_OF_RANGE');
});

test('what is not an entry is no target', () => {
  for (const build of [pollRemove, timeoutRemove, asyncCancel]) {
    throws(() => build(null as never), 'ERR_INVALID_ARG_TYPE');
    throws(() => build(1 as never), 'ERR_INVALID_ARG_TYPE');
  }
  throws(() => pollRemove({ fd: 1 } as never), 'ERR_INVALID_ARG_TYPE', /target/);
});

test('a timeout carries a timespec, rounded up to nanoseconds', () => {
  const entry = timeout(1500.0000001, { count: 3 });
  assert.is(entry.opcode, 11);
  assert.is(entry.len, 1);
  assert.is(entry.off, 3);
  assert.is(entry.opFlags, 0);
  assert.is(entry.access, MemoryAccess.KernelReads);
  assert.equal(entry.buffer, BigInt64Array.of(1n, 500_000_001n));
  assert.equal(timeout(0, { count: undefined }).buffer, BigInt64Array.of(0n, 0n));
});

test('a timeout at an instant is absolute', () => {
  const at = after(10);
  const entry = timeout({ at });
  assert.is(entry.opFlags, 1);
  const [seconds = 0n, nanoseconds = 0n] = entry.buffer as BigInt64Array;
  const milliseconds = Number(seconds) * 1e3 + Number(nanoseconds) / 1e6;
  assert.ok(milliseconds >= at);
});

test('a timeout refuses what is no time', () => {
  throws(() => timeout(-1), 'ERR_OUT_OF_RANGE', /"time"/);
  throws(() => timeout(NaN), 'ERR_OUT_OF_RANGE');
  throws(() => timeout('5' as never), 'ERR_INVALID_ARG_TYPE');
  throws(() => timeout(null as never), 'ERR_INVALID_ARG_TYPE');
  throws(() => timeout({ at: NaN as Instant }), 'ERR_OUT_OF_RANGE', /"time\.at"/);
  throws(() => timeout({} as never), 'ERR_INVALID_ARG_TYPE', /"time\.at"/);
  throws(() => timeout(1, { count: -1 }), 'ERR_OUT_OF_RANGE', /count/);
});

test('a descriptor is an integer from 0 to the largest int', () => {
  const builders = [
    (fd: number) => read(fd, bytes),
    (fd: number) => writev(fd, [bytes]),
    (fd: number) => fsync(fd),
    (fd: number) => close(fd),
    (fd: number) => pollAdd(fd, 1),
  ];
  for (const build of builders) {
    for (const fd of [-1, 1.5, NaN, 2 ** 31, Infinity]) throws(() => build(fd), 'ERR_OUT_OF_RANGE', /"fd"/);
    for (const fd of ['3', null, undefined, {}, 3n]) throws(() => build(fd as never), 'ERR_INVALID_ARG_TYPE', /"fd"/);
    assert.is(build(2 ** 31 - 1).fd, 2 ** 31 - 1);
  }
});

test('an offset is a safe integer, or -1', () => {
  for (const offset of [-2, 0.5, NaN, 2 ** 53]) {
    throws(() => read(3, bytes, offset), 'ERR_OUT_OF_RANGE', /"offset"/);
    throws(() => readv(3, [bytes], offset), 'ERR_OUT_OF_RANGE', /"offset"/);
  }
  throws(() => read(3, bytes, '0' as never), 'ERR_INVALID_ARG_TYPE', /"offset"/);
  throws(() => read(3, bytes, 0n as never), 'ERR_INVALID_ARG_TYPE', /"offset"/);
});

test('a buffer is a view of at most 0x7ffff000 bytes', () => {
  for (const buffer of [new ArrayBuffer(4), 'text', null, undefined, [1, 2]]) {
    throws(() => read(3, buffer as never), 'ERR_INVALID_ARG_TYPE', /"buffer"/);
  }
  const large = new ArrayBuffer(0x7ffff001);
  throws(() => write(3, new Uint8Array(large)), 'ERR_OUT_OF_RANGE', /buffer\.byteLength/);
  throws(() => write(3, new DataView(large)), 'ERR_OUT_OF_RANGE', /buffer\.byteLength/);
  assert.is(write(3, new Uint8Array(large, 1)).len, 0x7ffff000);
  throws(() => writev(3, [new Uint8Array(large, 1), new Uint8Array(1)]), 'ERR_OUT_OF_RANGE', /vectors/);
});

test('a vectored transfer has 1 to 1024 buffers', () => {
  const view = new Uint8Array(1);
  throws(() => readv(3, []), 'ERR_OUT_OF_RANGE', /vectors\.length/);
  throws(() => readv(3, new Array<Uint8Array>(1025).fill(view)), 'ERR_OUT_OF_RANGE', /vectors\.length/);
  assert.is(readv(3, new Array<Uint8Array>(1024).fill(view)).len, 1024);
  throws(() => readv(3, [view, 'text' as never]), 'ERR_INVALID_ARG_TYPE', /vectors\[1\]/);
  throws(() => readv(3, new Array<Uint8Array>(2)), 'ERR_INVALID_ARG_TYPE', /vectors\[0\]/);
  throws(() => readv(3, view as never), 'ERR_INVALID_ARG_TYPE', /"vectors"/);
});

test('the options of a transfer are an object with bits', () => {
  throws(() => read(3, bytes, 0, null as never), 'ERR_INVALID_ARG_TYPE', /"options"/);
  throws(() => readv(3, [bytes], 0, null as never), 'ERR_INVALID_ARG_TYPE', /"options"/);
  throws(() => read(3, bytes, 0, { rwFlags: 2 ** 32 }), 'ERR_OUT_OF_RANGE', /rwFlags/);
});

test('an entry of raw fields keeps each of them, though the caller changes the object', () => {
  const fields = {
    opcode: 40,
    flags: 1,
    ioprio: 2,
    fd: 3,
    off: 4,
    addr: 5,
    len: 6,
    opFlags: 7,
    bufIndex: 8,
    personality: 9,
    fileIndex: 10,
    addr3: 11,
    buffer: bytes,
    access: MemoryAccess.KernelWrites,
    target: nop(),
  };
  const before = { ...fields };
  const entry = Entry.unsafe(fields);
  fields.addr = 99;
  assertFields(entry, before);
  assertFields(Entry.unsafe({ opcode: 0 }), { opcode: 0 });
});

test('a list of vectors and its count stay as they were, whatever the list was', () => {
  const views: Uint8Array[] = [Buffer.alloc(8), Buffer.alloc(4)];
  const attached = { addr: { kind: 'vectors', views, access: MemoryAccess.KernelWrites } } as const;
  for (const [build, listed] of [
    [() => readv(3, views), ({ vectors }: Entry) => vectors],
    [() => Entry.unsafe({ opcode: 1, len: 9, vectors: views }), ({ vectors }: Entry) => vectors],
    [
      () => Entry.unsafe({ opcode: 58, len: 9, attached }),
      ({ attached: { addr } = {} }: Entry) => (addr?.kind === 'vectors' ? addr.views : undefined),
    ],
  ] as const) {
    const given = [...views];
    // A method of the caller's own, which answers with a list that is shortened later.
    views.slice = () => views;
    const entry = build();
    views.length = 1;
    assert.equal(listed(entry), given);
    assert.ok(Object.isFrozen(listed(entry)));
    assert.is(entry.len, 2);
    views.push(given[1] as Uint8Array);
  }
  throws(() => Entry.unsafe({ opcode: 1, vectors: bytes as never }), 'ERR_INVALID_ARG_TYPE', /fields\.vectors/);
  const wrong = { addr: { kind: 'vectors', views: [5 as never], access: MemoryAccess.KernelReads } } as const;
  throws(() => Entry.unsafe({ opcode: 58, attached: wrong }), 'ERR_INVALID_ARG_TYPE', /attached\.addr\.views\[0\]/);
});

test('a length beside a buffer is one', () => {
  for (const len of [-1, 2 ** 32, Number.NaN]) {
    throws(() => Entry.unsafe({ opcode: 22, buffer: bytes, len }), 'ERR_OUT_OF_RANGE', /fields\.len/);
  }
});

test('raw fields are integers that the kernel has room for', () => {
  const range: readonly [keyof EntryFields, least: number, greatest: number][] = [
    ['opcode', 0, 2 ** 8 - 1],
    ['flags', 0, 2 ** 8 - 1],
    ['ioprio', 0, 2 ** 16 - 1],
    ['fd', -(2 ** 31), 2 ** 32 - 1],
    ['off', Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
    ['addr', Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
    ['len', -(2 ** 31), 2 ** 32 - 1],
    ['opFlags', -(2 ** 31), 2 ** 32 - 1],
    ['bufIndex', 0, 2 ** 16 - 1],
    ['personality', 0, 2 ** 16 - 1],
    ['fileIndex', -(2 ** 31), 2 ** 32 - 1],
    ['addr3', Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
  ];
  for (const [field, least, greatest] of range) {
    const make = (value: unknown) => Entry.unsafe({ opcode: 0, [field]: value });
    for (const value of [least, greatest]) assert.is(make(value)[field as 'off'], value);
    for (const value of [0n, '5', null, {}])
      throws(() => make(value), 'ERR_INVALID_ARG_TYPE', RegExp(`fields\\.${field}`));
    for (const value of [least - 1, greatest + 1, 0.5, Number.NaN]) {
      throws(() => make(value), 'ERR_OUT_OF_RANGE', RegExp(`fields\\.${field}`));
    }
  }
  throws(() => Entry.unsafe({} as never), 'ERR_INVALID_ARG_TYPE', /fields\.opcode/);
});

test('what only looks like an entry is none', () => {
  const entry = nop();
  assert.ok(entry instanceof Entry);
  for (const other of [
    new Proxy(entry, {}),
    Object.create(entry),
    Object.create(Entry.prototype),
    { ...entry },
    null,
    5,
  ]) {
    assert.not.ok(other instanceof Entry);
  }
});

test('a new entry belongs to no driver', () => {
  const entry = read(3, bytes);
  assert.is(entry.owner, undefined);
  assert.is(entry.userDataLow, 0);
  assert.is(entry.userDataHigh, 0);
});

test.run();
