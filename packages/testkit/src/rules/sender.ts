import assert from 'node:assert/strict';
import {
  type Driver,
  Errno,
  IORING_OP_ASYNC_CANCEL,
  IORING_OP_RECV,
  IORING_OP_SEND,
  type RawFd,
  recv,
  type Sender,
  type SendSink,
} from '@polyring/core';
import type { StreamEnd } from '../fixtures/stream-end.js';
import type { Rule } from '../rule.js';
import type { RuleContext } from '../running/context.js';
import { NO_NUMBERS, refuses } from './refusals.js';
import { ruleOf } from './rule-of.js';

const { ECANCELED, EPIPE } = Errno;

/** Sockets that send in one tick: more than a backend is likely to tell of together. */
const CROWD = 150;

/** Waits for one send after the other. */
class Sends implements SendSink {
  readonly results: number[] = [];
  readonly #sender: Sender;
  #settle: { resolve(result: number): void; reject(error: Error): void } | undefined;

  constructor(driver: Driver, socket: StreamEnd) {
    this.#sender = driver.ioUring.sender(socket.fd, this);
  }

  get sender(): Sender {
    return this.#sender;
  }

  send(view: ArrayBufferView, offset = 0, length = view.byteLength - offset, whole = true): Promise<number> {
    const over = new Promise<number>((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
    this.#sender.send(view, offset, length, whole);
    return over;
  }

  sent(result: number): void {
    this.results.push(result);
    this.#settle?.resolve(result);
  }

  failed(error: Error): void {
    this.#settle?.reject(error);
  }
}

async function sendsCopies(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  const [end, peer] = context.fixtures.socketPair();
  const sends = new Sends(driver, end);
  const lent = context.fixtures.keep(driver.allocate(9000));
  for (const [view, offset, length] of [
    [Buffer.alloc(1), 0, 1],
    [Buffer.alloc(200), 3, 64],
    [new Uint8Array(new SharedArrayBuffer(4096)), 0, 4096],
    [new DataView(new ArrayBuffer(600)), 100, 400],
    [new Float64Array(300), 8, 1999],
    [lent.bytes, 4000, 5000],
    [Buffer.alloc(20_000), 1, 16_384],
  ] as [ArrayBufferView, number, number][]) {
    const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
    bytes.set(context.random.bytes(bytes.length));
    const expected = Buffer.from(bytes.subarray(offset, offset + length));
    const sent = sends.send(view, offset, length);
    assert.ok(sends.sender.inFlight);
    // The bytes given are the caller's again at once.
    bytes.fill(0);
    assert.equal(await sent, length);
    assert.ok(!sends.sender.inFlight, 'a send is in flight after its sink was told of its end');
    assert.ok(peer.read()?.equals(expected), `${length} bytes from ${offset} did not arrive as they were`);
  }
  assert.equal(sends.results.length, 7, 'a send was told of twice');
}

async function sendsAll(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  const [end, peer] = context.fixtures.socketPair();
  const sends = new Sends(driver, end);
  const filled = end.fill();
  const content = context.random.bytes(2_000_000);
  const sent = sends.send(content);
  await context.barrier(driver);
  assert.deepEqual(sends.results, [], 'a send is over though nothing of it found room');
  const received: Buffer[] = [];
  for (let length = 0; length < filled + content.length; ) {
    const bytes = peer.read();
    if (bytes === undefined) await context.barrier(driver);
    else received.push(bytes);
    length += bytes?.length ?? 0;
  }
  assert.equal(await sent, content.length, 'a whole send was over before all of it was sent');
  assert.ok(Buffer.concat(received).subarray(filled).equals(content), 'other bytes came than were sent');
}

async function cancels(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  const [end, peer] = context.fixtures.socketPair();
  const sends = new Sends(driver, end);
  sends.sender.cancel();
  const filled = end.fill();
  const content = context.random.bytes(500_000);
  const none = sends.send(content);
  await context.barrier(driver);
  sends.sender.cancel();
  assert.equal(await none, ECANCELED);
  assert.equal(peer.drain(), filled, 'bytes of a send came that was told to have sent none');
  const some = sends.send(content);
  await context.barrier(driver);
  sends.sender.cancel();
  sends.sender.cancel();
  const sent = await some;
  assert.ok(sent > 0 && sent < content.length, `${sent} of ${content.length} bytes sent`);
  assert.equal(peer.drain(), sent, 'a cancelled send told another count than was sent');
  assert.equal(await sends.send(content, 0, 10), 10, 'a send after a cancelled one');
  sends.sender.cancel();
  await context.barrier(driver);
  assert.equal(sends.results.length, 3);
}

async function fails(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  const [end, peer] = context.fixtures.socketPair();
  const sends = new Sends(driver, end);
  peer.close();
  assert.equal(await sends.send(Buffer.alloc(10)), EPIPE);
  assert.equal(await sends.send(Buffer.alloc(10)), EPIPE, 'a send after one that failed');
}

async function flushes(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  const [end, peer] = context.fixtures.socketPair();
  const sends = new Sends(driver, end);
  assert.equal(sends.sender.flush(), undefined, 'a flush of nothing told a result');
  const sent = sends.send(Buffer.from('now'));
  const result = sends.sender.flush();
  assert.equal(peer.read()?.toString(), 'now', 'what was flushed has not arrived');
  assert.deepEqual(sends.results, [], 'a flush told of an end');
  assert.ok(result === undefined || result === 3, `a flush answered ${result} where 3 bytes were sent`);
  assert.equal(await sent, 3);
  assert.equal(sends.sender.flush(), undefined, 'a flush of what was told of told a result');
  end.fill();
  const waiting = sends.send(Buffer.from('later'));
  assert.equal(sends.sender.flush(), undefined, 'a flush answered for a send that waits for room');
  sends.sender.cancel();
  assert.equal(await waiting, ECANCELED);
}

/** Each socket sends in one tick, and every other one receives meanwhile. */
async function crowd(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  const pairs = Array.from({ length: CROWD }, () => context.fixtures.socketPair());
  const senders = pairs.map(([end]) => new Sends(driver, end));
  const memory = context.fixtures.keep(driver.allocate(CROWD));
  for (let round = 1; round <= 3; round += 1) {
    const content = context.random.bytes(CROWD);
    const receives = pairs.map(([end], index) => {
      if (index % 2 === 0) return undefined;
      return driver.ioUringSubmit(recv(end.fd, memory.bytes.subarray(index, index + 1)));
    });
    await context.barrier(driver);
    const sends = senders.map((sends, index) => sends.send(content, index, 1));
    for (const [index, [, peer]] of pairs.entries()) {
      if (index % 2 === 1) peer.write(content.subarray(index, index + 1));
    }
    assert.deepEqual(await Promise.all(sends), Array(CROWD).fill(1));
    assert.deepEqual(new Set(await Promise.all(receives)), new Set([1, undefined]));
    for (const [index, [, peer]] of pairs.entries()) {
      assert.equal(peer.read()?.[0], content[index], 'another byte came than was sent');
      if (index % 2 === 1) assert.equal(memory.bytes[index], content[index], 'another byte was received than came');
      assert.equal(senders[index]?.results.length, round, 'a send was not told of once');
    }
  }
}

async function closing(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  const [end] = context.fixtures.socketPair();
  const sends = new Sends(driver, end);
  end.fill();
  const sent = sends.send(Buffer.alloc(1000));
  await Promise.all([driver.close(), sent.then((result) => assert.equal(result, ECANCELED))]);
  assert.throws(() => sends.sender.send(Buffer.alloc(1), 0, 1, true), { code: 'ERR_POLYRING_CLOSED' });
  assert.throws(() => driver.ioUring.sender(end.fd, sends), { code: 'ERR_POLYRING_CLOSED' });
  sends.sender.flush();
  sends.sender.cancel();
}

async function sinks(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  const caught = context.expectUncaught();
  const thrown = new Error('thrown by a sink');
  const [end] = context.fixtures.socketPair();
  const [otherEnd] = context.fixtures.socketPair();
  const throwing = driver.ioUring.sender(end.fd, {
    sent: () => {
      throw thrown;
    },
    failed: () => {},
  });
  const other = new Sends(driver, otherEnd);
  throwing.send(Buffer.alloc(1), 0, 1, true);
  assert.equal(await other.send(Buffer.alloc(2)), 2);
  await context.barrier(driver);
  assert.deepEqual(caught, [thrown], 'uncaughtException did not see what a sink threw, once');
  await sendsInSink(context, driver);
}

/** The end of a send is where the next one is given. */
async function sendsInSink(context: RuleContext, driver: Driver): Promise<void> {
  const [end, peer] = context.fixtures.socketPair();
  const bytes = Buffer.from('x');
  let left = 5;
  await new Promise<void>((resolve, reject) => {
    const sendNext = (): void => {
      try {
        sender.send(bytes, 0, 1, true);
      } catch (error) {
        reject(error);
      }
    };
    const sent = (): void => {
      left -= 1;
      if (left > 0) sendNext();
      else resolve();
    };
    const sender = driver.ioUring.sender(end.fd, { sent, failed: reject });
    sendNext();
  });
  assert.equal(peer.drain(), 5, 'other sends went than were given in a sink');
}

async function badArguments(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  const [end] = context.fixtures.socketPair();
  const sends = new Sends(driver, end);
  const bytes = Buffer.alloc(10);
  for (const [fds, offsets, lengths, code] of [
    [[-1, 0.5], [-1, 0.5], [0, -1, 0.5], 'ERR_OUT_OF_RANGE'],
    [NO_NUMBERS, NO_NUMBERS, NO_NUMBERS, 'ERR_INVALID_ARG_TYPE'],
  ] as const) {
    refuses('descriptor', fds, code, (fd: RawFd) => driver.ioUring.sender(fd, sends));
    refuses('offset', offsets, code, (offset: number) => sends.sender.send(bytes, offset, 1, true));
    refuses('length', lengths, code, (length: number) => sends.sender.send(bytes, 0, length, true));
  }
  for (const gone of [Buffer.alloc(10), new DataView(new ArrayBuffer(10)), new Float64Array(500)]) {
    const { byteLength } = gone;
    structuredClone(gone.buffer, { transfer: [gone.buffer as ArrayBuffer] });
    assert.throws(() => sends.sender.send(gone, 0, byteLength, true), { code: 'ERR_POLYRING_DETACHED' });
  }
  const sent = sends.send(Buffer.alloc(10));
  assert.throws(() => sends.sender.send(Buffer.alloc(1), 0, 1, true), { code: 'ERR_POLYRING_ENTRY_IN_FLIGHT' });
  assert.equal(await sent, 10);
  const noSinks = [null, undefined, 1, {}, { sent() {} }, { failed() {} }];
  refuses('sink', noSinks, 'ERR_INVALID_ARG_TYPE', (sink: SendSink) => driver.ioUring.sender(end.fd, sink));
}

const rule = ruleOf('sender', 'sends-on-one-socket', {
  needs: 'ioUring',
  opcodes: [IORING_OP_SEND, IORING_OP_ASYNC_CANCEL],
  features: ['sender'],
});

/** The rules of what sends again and again on one socket. */
export const senderRules: readonly Rule[] = [
  rule('copy', 'A sender sends the bytes as they were when they were given, from any view', sendsCopies),
  rule('whole', 'A whole send is over when all was sent, and not before', sendsAll),
  rule('cancel', 'A cancelled send tells what was sent, and the next one works', cancels),
  rule('failure', 'A send that fails tells its error number, and the next one is made all the same', fails),
  rule('flush', 'A flush hands a send to the kernel at once, and tells of nothing', flushes),
  rule('crowd', 'Of many sockets that send and receive at once each is told of each once', crowd, {
    opcodes: [IORING_OP_SEND, IORING_OP_RECV],
  }),
  rule('close', 'Closing the driver ends a send that waits, and its sink is told', closing),
  rule('sink', 'A sink may give the next send; what it throws is uncaught, and others are told of their sends', sinks),
  rule('arguments', 'What is no descriptor, not there, or in flight already is refused by a throw', badArguments),
];
