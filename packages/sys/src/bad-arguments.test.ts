import { closeSync, openSync } from 'node:fs';
import { inspect } from 'node:util';
import { openDescriptors } from '@polyring/test-support';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as sys from './index.js';

/** A good value of a parameter, and those that must be refused in its place. */
interface Parameter {
  readonly good: unknown;
  readonly bad: readonly unknown[];
}

const NO_NUMBERS = [null, true, 'x', '1', 5n, Symbol('s'), {}, [], () => {}];
const NO_INTEGERS = [...NO_NUMBERS, Number.NaN, 0.5, Number.NEGATIVE_INFINITY];
const NUMBERS = [0, -1, 2 ** 31, 2 ** 32, 2 ** 53, Number.NaN, Number.POSITIVE_INFINITY];
const DETACHED = [detached(Uint8Array), detached(DataView)];
const ALL = [...NO_NUMBERS, ...NUMBERS];

/** The null device, which every call on a descriptor may be tried on. */
const device = openSync('/dev/null', 'r+');

const fd = integer(device, -1, 2 ** 31, 2 ** 32, 2 ** 53);
const count = integer(1, -1, 2 ** 31, 2 ** 32, 2 ** 53);
const offset = integer(0, -1, 9, 2 ** 32);
const length = integer(1, -1, 9, 2 ** 32);
const word = integer(1, -(2 ** 31) - 1, 2 ** 32);
const flag: Parameter = { good: true, bad: without([true], ALL) };
const view: Parameter = { good: new Uint8Array(8), bad: [...ALL, new ArrayBuffer(8), ...DETACHED] };
const bytes: Parameter = {
  good: new Uint8Array(8),
  bad: [...ALL, new ArrayBuffer(8), new DataView(new ArrayBuffer(8))],
};
const views = list(view, 1025);
const name: Parameter = { good: 'x', bad: without(['x', '1'], ALL) };
const path: Parameter = { good: '/dev/null', bad: [...name.bad, 'a\0b'] };
const signal: Parameter = { good: 'SIGUSR2', bad: [...without([0], ALL), 65, 'SIGNONE'] };
const signals: Parameter = {
  good: ['SIGUSR2'],
  bad: [...list(signal).bad, [0], ['SIGKILL'], [32], [33], new Array(1)],
};
const address: Parameter = {
  good: { path: 'x' },
  bad: [
    ...ALL,
    ...among({ path: { good: 'x', bad: [...path.bad, 'x'.repeat(108)] } }).bad,
    ...among({ bytes: { good: new Uint8Array(2), bad: [...bytes.bad, new Uint8Array(1), ...DETACHED] } }).bad,
    ...among({ address: { good: '::1', bad: [...ALL, '127.0.0.1%lo'] }, port: integer(1, -1, 65_536) }).bad,
  ],
};
const message = { buffers: views, flags: count };
const nonblock = object({ nonblock: flag });

const CASES: Readonly<Record<string, readonly Parameter[]>> = {
  LoopWatch: [
    fd,
    { good: () => {}, bad: without([NO_NUMBERS.at(-1)], ALL) },
    object({ events: integer(1, 0, -1, 2 ** 31, 2 ** 32 + 1), owns: list(fd), busyPoll: integer(0, -1, 10_001) }),
  ],
  accept4: [fd, nonblock],
  acceptWithAddress: [fd, nonblock],
  append: [fd, view, offset, length],
  bind: [fd, address],
  checkPollable: [fd],
  checkSocket: [fd],
  checkView: [view],
  checkViewRange: [view, offset, length],
  checkViews: [views],
  close: [fd],
  closeInPool: [fd],
  connect: [fd, address],
  decodeSocketAddress: [bytes],
  disown: [fd],
  dup: [fd],
  encodeSocketAddress: [address],
  epollCreate: [object({ owned: flag })],
  epollCtl: [fd, integer(1, 0, 4, 2 ** 32 + 1), fd, word, word, word],
  epollWait: [
    fd,
    { good: new Uint32Array(4), bad: [...ALL, new Int32Array(4), detached(Uint32Array)] },
    integer(1, 0, -1, 2 ** 31, 2 ** 32),
    integer(0, -2, 2 ** 31, 2 ** 32),
  ],
  eventfd: [
    { good: 0, bad: [...without([5n], NO_NUMBERS), -1, 0.5, Number.NaN, 2 ** 53, -1n, 2n ** 64n] },
    object({ semaphore: flag, nonblock: flag }),
  ],
  fallocate: [fd, count, integer(0, -1, 2 ** 53), integer(1, 0, -1, 2 ** 53)],
  fcntlGetFlags: [fd],
  fdKind: [fd],
  fsync: [fd, object({ dataSync: flag })],
  getpeername: [fd],
  getsockname: [fd],
  getsockopt: [fd, count, count],
  getsockoptBytes: [fd, count, count, integer(4, -1, 65_536)],
  inotifyAddWatch: [fd, path, word],
  inotifyInit: [nonblock],
  inotifyRmWatch: [fd, count],
  isNonblocking: [fd],
  listen: [fd, count],
  loadAddon: [name, name, name],
  memfdCreate: [{ ...path, bad: [...path.bad, 'x'.repeat(250)] }, object({ allowSealing: flag })],
  misalignment: [view, integer(8, 0, -1, 3, 2 ** 31, 2 ** 32)],
  openInPool: [path, integer(0, -1, 2 ** 31), integer(0, -1, 0o10000)],
  own: [fd],
  parseInotifyEvents: [view, length],
  parseSignals: [view, length],
  pidfdOpen: [integer(process.pid, 0, -1, 2 ** 31, 2 ** 32)],
  pidfdSendSignal: [fd, signal],
  pipe2: [object({ nonblock: flag, direct: flag })],
  poll: [
    { good: new Int32Array(3), bad: [...ALL, new Uint32Array(3), detached(Int32Array)] },
    { good: 0, bad: [...NO_NUMBERS, Number.NaN] },
  ],
  read: [fd, view, offset, length],
  readv: [fd, views],
  recv: [fd, view, offset, length, count],
  recvmsg: [fd, object({ ...message, maximumFds: integer(1, -1, 254) })],
  restoreSignals: [signals],
  send: [fd, view, offset, length, count],
  sendmsg: [fd, object({ ...message, fds: list(fd, 254), address })],
  setNonblocking: [fd, flag],
  setsockopt: [fd, count, count, { good: 1, bad: [...without([true, 0, -1], ALL), ...DETACHED] }],
  shutdown: [fd, { good: 'both', bad: ALL }],
  signalNumber: [signal],
  signalfd: [signals, nonblock],
  socket: [
    { good: 'unix', bad: [...without([0], ALL), 65_536] },
    { good: 'stream', bad: ALL },
    object({ protocol: count, nonblock: flag }),
  ],
  socketpair: [object({ type: { good: 'stream', bad: ALL }, nonblock: flag })],
  timerfd: [object({ nonblock: flag, owned: flag })],
  timerfdSettime: [
    fd,
    object({
      at: { good: 0, bad: [...NO_NUMBERS, undefined, Number.NaN] },
      interval: { good: 0, bad: [...NO_NUMBERS, Number.NaN, -1] },
    }),
  ],
  tryAccept: [fd, nonblock],
  tryRead: [fd, view, offset, length],
  tryReadv: [fd, views],
  tryRecv: [fd, view, offset, length, count],
  tryRecvmsg: [fd, object({ ...message, maximumFds: integer(1, -1, 254) })],
  tryReopen: [fd, integer(0, -1, 2 ** 31)],
  trySend: [fd, view, offset, length, count],
  trySendmsg: [fd, object({ ...message, fds: list(fd, 254), address })],
  tryTee: [fd, fd, count],
  tryWrite: [fd, view, offset, length],
  tryWritev: [fd, views],
  viewLength: [view],
  waitPidfd: [fd, object({ reap: flag })],
  write: [fd, view, offset, length],
  writev: [fd, views],
};

type Call = (...given: readonly unknown[]) => unknown;

/** The functions of the package; to make an object is one too, unless it is an error. */
const CALLS = new Map(
  Object.entries(sys).flatMap(([name, value]): [string, Call][] => {
    if (typeof value !== 'function' || value === sys.AddonError) return [];
    return [[name, value === sys.LoopWatch ? (...given) => Reflect.construct(value, given) : (value as Call)]];
  }),
);

test('each function of the package has a case here', () => {
  assert.equal([...CALLS.keys()].sort(), Object.keys(CASES).sort());
});

for (const [name, parameters] of Object.entries(CASES)) {
  if (parameters.length === 0) continue;
  test(`${name} refuses each bad argument by a code, and leaves no descriptor`, () => {
    const call = CALLS.get(name) as Call;
    const before = openDescriptors();
    const given = parameters.map(({ good }) => good);
    for (const [index, { bad }] of parameters.entries()) {
      for (const value of bad)
        refuses(call, replaced(given, index, value), /^ERR_(INVALID_ARG|OUT_OF_RANGE|POLYRING_DETACHED)/);
    }
    assert.is(openDescriptors(), before);
  });
}

test('what a getter of an argument throws is thrown, and leaves no descriptor', () => {
  const thrown = Object.assign(new Error('thrown by a getter'), { code: 'ERR_THROWN' });
  const raise = (): never => {
    throw thrown;
  };
  const hostile = new Proxy({}, { get: raise, has: raise });
  const before = openDescriptors();
  for (const [name, parameters] of Object.entries(CASES)) {
    const given = parameters.map(({ good }) => good);
    for (const [index, { good }] of parameters.entries()) {
      if (Object.getPrototypeOf(good) === Object.prototype)
        refuses(CALLS.get(name) as Call, replaced(given, index, hostile), /^ERR_THROWN$/);
    }
  }
  assert.is(openDescriptors(), before);
});

test('a view is what the engine says that it is, whatever became of its memory and whatever its class says', () => {
  const Resizable = ArrayBuffer as unknown as new (
    bytes: number,
    options: { maxByteLength: number },
  ) => ArrayBuffer & { resize(bytes: number): void };
  const buffer = new Resizable(8, { maxByteLength: 16 });
  const shrunk = [new Uint8Array(buffer, 4), new DataView(buffer, 4)];
  buffer.resize(2);
  class Lying extends Uint8Array {
    override get byteOffset(): number {
      return 1e6;
    }
    override get byteLength(): number {
      return 1e6;
    }
    override get buffer(): never {
      return new ArrayBuffer(3) as never;
    }
  }
  const lengths = [...shrunk, new Lying(8), new Uint8Array(new SharedArrayBuffer(8))].map((each) => {
    assert.equal([...sys.parseSignals(each), ...sys.parseInotifyEvents(each)], []);
    assert.is(sys.tryWritev(device, [each, each]), 2 * sys.viewLength(each));
    return sys.tryWrite(device, each);
  });
  assert.equal(lengths, [0, 0, 8, 8]);
});

test.after(() => closeSync(device));

test.run();

function refuses(call: Call, given: readonly unknown[], codes: RegExp): void {
  let outcome: unknown;
  try {
    outcome = call(...given);
  } catch (error) {
    if (codes.test(String((error as NodeJS.ErrnoException).code))) return;
    outcome = error;
  }
  assert.unreachable(`${inspect(given)} gave ${inspect(outcome)}`);
}

function replaced(given: readonly unknown[], at: number, by: unknown): readonly unknown[] {
  return given.map((value, index) => (index === at ? by : value));
}

function integer(good: number, ...bad: readonly number[]): Parameter {
  return { good, bad: [...NO_INTEGERS, ...bad] };
}

/** A list of such values; one that is longer than the most is refused, if there is a most. */
function list(of: Parameter, tooMany?: number): Parameter {
  const tooLong = tooMany === undefined ? [] : [new Array(tooMany).fill(of.good)];
  return {
    good: [of.good],
    bad: [...without(NO_NUMBERS.filter(Array.isArray), ALL), ...of.bad.map((bad) => [of.good, bad]), ...tooLong],
  };
}

/** An object with such values, of which each is refused on its own. */
function among(values: Readonly<Record<string, Parameter>>): Parameter {
  const good = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, value.good]));
  const bad = Object.entries(values).flatMap(([name, value]) => value.bad.map((each) => ({ ...good, [name]: each })));
  return { good, bad };
}

/** As {@link among}; what is no object is refused too. */
function object(values: Readonly<Record<string, Parameter>>): Parameter {
  const { good, bad } = among(values);
  return { good, bad: [...bad, ...ALL.filter((value) => typeof value !== 'object' || value === null)] };
}

function without(accepted: readonly unknown[], values: readonly unknown[]): readonly unknown[] {
  return values.filter((value) => !accepted.includes(value));
}

function detached<T>(type: new (buffer: ArrayBuffer) => T): T {
  const buffer = new ArrayBuffer(16);
  const made = new type(buffer);
  structuredClone(buffer, { transfer: [buffer] });
  return made;
}
