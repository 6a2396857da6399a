import {
  type Driver,
  Entry,
  Errno,
  IORING_OP_RECV,
  isPolyringError,
  nop,
  type Sender,
  type SendSink,
  send,
  TOLD_A_TURN,
} from '@polyring/core';
import { close, socketpair, tryRecv, tryWrite } from '@polyring/sys';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createDriverOver } from './driver.js';
import type { Engine } from './engine/engine.js';
import { NO_SLOT, type Operation } from './engine/operation.js';
import { IS_SEND } from './engine/user-data.js';
import { loadBinding } from './kernel/binding.js';
import { interceptedBinding } from './kernel/intercepted-binding.test-support.js';
import { Arena } from './memory/arena.js';
import { Pool } from './memory/pool.js';
import { runWhereGranted } from './run-where-granted.test-support.js';
import { RingSender } from './sender.js';

const SEED = 20261128;

/** A sender on one end of a pair of sockets, whose sends are waited for one by one. */
class Sending implements SendSink, Disposable {
  readonly sender: Sender;
  readonly fd: number;
  readonly peer: number;
  #settle: ((outcome: number | Error) => void) | undefined;

  constructor(driver: Driver) {
    [this.fd, this.peer] = socketpair({ type: 'stream' });
    this.sender = driver.ioUring.sender(this.fd, this);
  }

  send(bytes: Buffer, whole = true): Promise<number | Error> {
    this.sender.send(bytes, 0, bytes.length, whole);
    return new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  sent(result: number): void {
    this.#settle?.(result);
  }

  failed(error: Error): void {
    this.#settle?.(error);
  }

  fill(): number {
    const filler = Buffer.alloc(65_536);
    let total = 0;
    for (let bytes = tryWrite(this.fd, filler); bytes > 0; bytes = tryWrite(this.fd, filler)) total += bytes;
    return total;
  }

  /** Takes what has arrived. */
  drain(): number {
    const buffer = Buffer.alloc(65_536);
    let total = 0;
    for (let bytes = tryRecv(this.peer, buffer); bytes > 0; bytes = tryRecv(this.peer, buffer)) total += bytes;
    return total;
  }

  [Symbol.dispose](): void {
    close(this.fd);
    close(this.peer);
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

test('a cancellation ends the send that it was for, and never the next one', async () => {
  // A queue of one entry: what is cancelled and what comes next wait behind each other.
  for (const entries of [1, 1024]) {
    const driver = createDriverOver(loadBinding(), { entries });
    const sending = new Sending(driver);
    const random = xoroshiro128plus(SEED);
    const chance = (count: number): number => (random.next() >>> 0) % count;
    const content = Buffer.alloc(400_000);
    let [told, received, cancelled] = [sending.fill(), 0, 0];
    for (let round = 0; round < 600; round += 1) {
      const length = chance(3) === 0 ? 1 + chance(content.length) : content.length;
      const over = sending.send(content.subarray(0, length));
      const cancels = chance(2) === 0;
      for (let turns = chance(3); turns > 0; turns -= 1) await turn();
      if (cancels) sending.sender.cancel();
      if (chance(2) === 0) received += sending.drain();
      const reader = setInterval(() => {
        received += sending.drain();
      });
      const result = (await over) as number;
      clearInterval(reader);
      if (!cancels) assert.is(result, length, `round ${round} with ${entries} entries: nobody cancelled this send`);
      else if (result < length) cancelled += 1;
      if (result > 0) told += result;
      else assert.is(result, Errno.ECANCELED);
    }
    received += sending.drain();
    assert.is(received, told, 'what was told is not what was sent');
    assert.ok(cancelled > 10, `only ${cancelled} sends were cancelled`);
    await driver.close();
    sending[Symbol.dispose]();
  }
});

/** An engine that a test plays: it takes what is queued, and keeps what is to be told when a cancellation is over. */
class PlayedEngine {
  readonly failure = undefined;
  readonly cancellations: (() => void)[] = [];

  checkOpen(): void {}

  enqueue(operation: Operation): void {
    operation.slot = 0;
  }

  cancel(_operation: Operation, over: () => void): void {
    this.cancellations.push(over);
  }

  complete(operation: Operation, result: number): void {
    operation.slot = NO_SLOT;
    operation.complete(result, 0);
  }
}

function playedSender(engine: PlayedEngine): RingSender {
  const mapped = new ArrayBuffer(2 ** 22);
  const pool = new Pool({ makeArena: () => new Arena(mapped, 4096, false), firstSpans: 64, limit: 2 ** 22 });
  const sink: SendSink = { sent() {}, failed() {} };
  return new RingSender(3, sink, { engine: engine as unknown as Engine, pool, hold: { hold() {}, release() {} } });
}

test('a send is cancelled once at a time, and a cancellation that is not over finds no later one', () => {
  const engine = new PlayedEngine();
  const sender = playedSender(engine);
  sender.send(Buffer.alloc(10), 0, 10, true);
  const { entry } = sender;
  sender.cancel();
  sender.cancel();
  assert.is(engine.cancellations.length, 1);
  engine.complete(sender, 10);
  sender.send(Buffer.alloc(10), 0, 10, true);
  assert.is.not(sender.entry, entry, 'a cancellation on its way would find the next send');
  sender.cancel();
  assert.is(engine.cancellations.length, 2);
  engine.cancellations[0]?.();
  sender.cancel();
  assert.is(engine.cancellations.length, 2, 'the end of an earlier cancellation was taken for that of this one');
  engine.complete(sender, Errno.ECANCELED);
  engine.cancellations[1]?.();
  const last = sender.entry;
  sender.send(Buffer.alloc(10), 0, 10, true);
  assert.is(sender.entry, last, 'the entry is used again');
  engine.complete(sender, 10);
});

test('the entry of a send is used again once its cancellation is over', async () => {
  const driver = createDriverOver(loadBinding());
  const sending = new Sending(driver);
  sending.fill();
  const bytes = Buffer.alloc(10);
  const sender = sending.sender as RingSender;
  const over = sending.send(bytes);
  const { entry } = sender;
  sender.cancel();
  assert.is(await over, Errno.ECANCELED);
  await driver.ioUringSubmit(nop());
  const next = sending.send(bytes);
  assert.is(sender.entry, entry);
  sender.cancel();
  assert.is(await next, Errno.ECANCELED);
  await driver.close();
  sending[Symbol.dispose]();
});

test('the memory of a send is given back when it is over', async () => {
  const driver = createDriverOver(loadBinding());
  const sending = new Sending(driver);
  for (const length of [1, 64, 1000, 20_000, 100_000]) {
    const over = sending.send(Buffer.alloc(length));
    assert.ok(driver.ioUring.pool.inFlight >= length);
    const reader = setInterval(() => sending.drain());
    assert.is(await over, length);
    clearInterval(reader);
    assert.is(driver.ioUring.pool.inFlight, 0);
  }
  await driver.close();
  sending[Symbol.dispose]();
});

test('bytes that a view has not, or no longer, are refused, and nothing is held for them', async () => {
  const driver = createDriverOver(loadBinding());
  const sending = new Sending(driver);
  const memory = Reflect.construct(ArrayBuffer, [4096, { maxByteLength: 4096 }]) as ArrayBuffer & {
    resize(byteLength: number): void;
  };
  const view = new Uint8Array(memory);
  memory.resize(100);
  for (const [offset, length] of [
    [0, 4096],
    [0, 101],
    [90, 11],
  ] as const) {
    assert.throws(
      () => sending.sender.send(view, offset, length, true),
      (error: unknown) => isPolyringError(error) && error.code === 'ERR_POLYRING_DETACHED',
    );
  }
  for (const [offset, length] of [
    [-8, 8],
    [-100, 50],
    [0.5, 1],
    [NaN, 1],
    [0, 0],
    [0, NaN],
    [0, 1.5],
  ] as const) {
    assert.throws(
      () => sending.sender.send(view, offset, length, true),
      (error: { code?: string }) => error.code === 'ERR_OUT_OF_RANGE',
    );
  }
  assert.is(driver.ioUring.pool.inFlight, 0);
  assert.not(sending.sender.inFlight);
  await driver.close();
  sending[Symbol.dispose]();
});

test('where the ring fails the sink is told of that, and the memory is left to the kernel', async () => {
  let broken = false;
  const driver = createDriverOver(
    interceptedBinding(({ toSubmit }, enter) => (broken ? Errno.EBADR : enter(toSubmit))),
  );
  const sending = new Sending(driver);
  sending.fill();
  const over = sending.send(Buffer.alloc(1000));
  await turn();
  broken = true;
  await driver.ioUringSubmit(nop()).catch(() => {});
  const error = await over;
  assert.ok(isPolyringError(error) && error.code === 'ERR_POLYRING_RING_FAILED', String(error));
  assert.ok(driver.ioUring.pool.inFlight >= 1000);
  assert.throws(
    () => sending.sender.send(Buffer.alloc(1), 0, 1, true),
    (thrown: unknown) => isPolyringError(thrown) && thrown.code === 'ERR_POLYRING_RING_FAILED',
  );
  await driver.close();
  sending[Symbol.dispose]();
});

test('sends of one tick take one enter, and a sender knows when it has company', async () => {
  let enters = 0;
  const binding = interceptedBinding(({ toSubmit }, enter) => {
    enters += 1;
    return enter(toSubmit);
  });
  const driver = createDriverOver(binding);
  const sendings = Array.from({ length: 20 }, () => new Sending(driver));
  const [first] = sendings as [Sending];
  assert.not(first.sender.together);
  const sent = sendings.map((sending) => sending.send(Buffer.alloc(64)));
  assert.ok(first.sender.together, 'others are queued');
  await Promise.all(sent);
  assert.is(enters, 1);
  assert.ok(first.sender.together, 'others were told of as well');
  await first.send(Buffer.alloc(1));
  assert.not(first.sender.together);
  await driver.close();
  for (const sending of sendings) sending[Symbol.dispose]();
});

/** As many sends in one tick as `sendings` have, `each` of every one. Resolves when all were told of. */
function sendMany(driver: Driver, sendings: readonly Sending[], each: number, told = (): void => {}): Promise<void> {
  let left = sendings.length * each;
  return new Promise((resolve) => {
    const sink: SendSink = {
      sent(result) {
        assert.is(result, 1);
        told();
        left -= 1;
        if (left === 0) resolve();
      },
      failed() {},
    };
    for (const { fd } of sendings) {
      for (let i = 0; i < each; i += 1) driver.ioUring.sender(fd, sink).send(Buffer.alloc(1), 0, 1, true);
    }
  });
}

test('of many sends that are over a turn of the loop tells no more than of others, and all are told of', async () => {
  const driver = createDriverOver(loadBinding(), { completionEntries: 8192 });
  const each = 128;
  const sendings = Array.from({ length: (4 * TOLD_A_TURN) / each }, () => new Sending(driver));
  const inTurns: number[] = [0];
  const turn = (): void => {
    inTurns.push(0);
    turning = setImmediate(turn);
  };
  let turning = setImmediate(turn);
  await sendMany(driver, sendings, each, () => {
    inTurns.push((inTurns.pop() as number) + 1);
  });
  clearImmediate(turning);
  // What completed inside of the enter, and what the loop's poll reports.
  assert.ok(Math.max(...inTurns) <= 2 * TOLD_A_TURN, `${inTurns} were told of in the turns of the loop`);
  for (const sending of sendings) assert.is(sending.drain(), each);
  await driver.close();
  for (const sending of sendings) sending[Symbol.dispose]();
});

test('sends are told of beside a receive on what is no socket', async () => {
  const driver = createDriverOver(loadBinding());
  const sendings = Array.from({ length: 40 }, () => new Sending(driver));
  const bytes = driver.allocate(1);
  const none = driver.ioUringSubmit(Entry.unsafe({ opcode: IORING_OP_RECV, fd: -1, len: 1, buffer: bytes.bytes }));
  const sent = sendMany(driver, sendings, 1);
  const error = await none.then(
    () => undefined,
    (reason) => reason,
  );
  assert.is(error?.code, 'EBADF');
  await sent;
  bytes.release();
  await driver.close();
  for (const sending of sendings) sending[Symbol.dispose]();
});

test('only the sends of senders may be held, as only theirs bring nothing but a result', async () => {
  const driver = createDriverOver(loadBinding());
  const sending = new Sending(driver);
  sending.fill();
  const waiting = sending.send(Buffer.alloc(1));
  assert.is.not(((sending.sender as RingSender).entry.userDataHigh & IS_SEND) >>> 0, 0);
  const entry = send(sending.fd, Buffer.alloc(1));
  const other = driver.ioUringSubmit(entry);
  assert.ok(entry.owner !== undefined);
  assert.is(entry.userDataHigh & IS_SEND, 0);
  const reader = setInterval(() => sending.drain());
  await Promise.all([waiting, other]);
  clearInterval(reader);
  await driver.close();
  sending[Symbol.dispose]();
});

test('a send to a descriptor that nobody can have takes no memory for its number', async () => {
  const driver = createDriverOver(loadBinding());
  const results: number[] = [];
  const before = process.memoryUsage().arrayBuffers;
  await new Promise<void>((resolve) => {
    const sink: SendSink = {
      sent(result) {
        if (results.push(result) === 40) resolve();
      },
      failed() {},
    };
    for (let i = 0; i < 40; i += 1) driver.ioUring.sender(2 ** 31 - 1 - i, sink).send(Buffer.alloc(1), 0, 1, true);
  });
  assert.equal(new Set(results), new Set([Errno.EBADF]));
  assert.ok(process.memoryUsage().arrayBuffers - before < 2 ** 24);
  await driver.close();
});

runWhereGranted(test, 'sender');
