import assert from 'node:assert/strict';
import {
  type BufferRing,
  type BufferRingOptions,
  type Completion,
  type CompletionSink,
  type Driver,
  IORING_OP_READ_MULTISHOT,
  IORING_OP_RECV,
  IORING_OP_WRITE,
  readMultishot,
  recvMultishot,
  write,
} from '@polyring/core';
import { setNonblocking, shutdown } from '@polyring/sys';
import type { Rule } from '../rule.js';
import type { RuleContext } from '../running/context.js';
import { NO_OPTIONAL_NUMBERS, refuses } from './refusals.js';
import { ruleOf } from './rule-of.js';
import { isSystemError } from './system-error.js';

/** Turns after which what is in the kernel has been received, or never is. */
const MOST_TURNS = 1000;

/** Keeps completions until the rule lets go of them. */
class Keeper implements CompletionSink {
  readonly kept: Completion[] = [];
  readonly #end: Promise<Error | undefined>;
  ended: (error: Error | undefined) => void = () => {};

  constructor() {
    this.#end = new Promise((resolve) => {
      this.ended = resolve;
    });
  }

  completed(completion: Completion): void {
    this.kept.push(completion);
  }

  /** Resolves with the error of the operation's end. */
  get end(): Promise<Error | undefined> {
    return this.#end;
  }

  /** What every completion brought, in their order. */
  get bytes(): Buffer {
    return Buffer.concat(this.kept.map(({ bytes }) => bytes ?? Buffer.alloc(0)));
  }

  release(): void {
    for (const completion of this.kept.splice(0)) completion.release();
  }
}

/** Makes a buffer ring, which is closed with the rule. */
function bufferRing(context: RuleContext, driver: Driver, options: BufferRingOptions): BufferRing {
  return context.fixtures.keep(driver.ioUring.bufferRing(options));
}

/** Everything that an iteration brings until the end of its stream. */
async function contentOf(completions: AsyncIterable<Completion>): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const { bytes, result } of completions) {
    assert.ok(result > 0, 'the end of the stream did not end the iteration');
    assert.equal(bytes?.length, result, 'a completion and its bytes differ in length');
    parts.push(Buffer.from(bytes as Buffer));
  }
  return Buffer.concat(parts);
}

function sameBytes(received: Buffer, sent: Buffer): void {
  assert.equal(received.length, sent.length, 'so many bytes came, and so many were sent');
  assert.ok(received.equals(sent), 'the bytes that came are not those that were sent');
}

async function receives(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  const buffers = bufferRing(context, driver, { entries: 4, bufferSize: 1000 });
  const [end, peer] = context.fixtures.socketPair();
  const content = context.random.bytes(300_000);
  const receiving = contentOf(driver.multishot(recvMultishot(end.fd, buffers)));
  for (let sent = 0; sent < content.length; ) {
    sent += peer.write(content.subarray(sent));
    await context.barrier(driver);
  }
  shutdown(peer.fd, 'write');
  sameBytes(await receiving, content);
  assert.equal(buffers.available, 4, 'the ring did not get its buffers back');
}

async function reads(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  const buffers = bufferRing(context, driver, { entries: 4, bufferSize: 100 });
  const { reader, writer } = context.fixtures.pipe();
  const content = context.random.bytes(20_000);
  writer.write(content);
  const reading = contentOf(driver.multishot(readMultishot(reader.fd, buffers)));
  await context.barrier(driver);
  writer.close();
  sameBytes(await reading, content);
  assert.equal(buffers.available, 4, 'the ring did not get its buffers back');
}

async function serveMany(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  const buffers = bufferRing(context, driver, { entries: 8, bufferSize: 64 });
  const streams = Array.from({ length: 50 }, () => {
    const [end, peer] = context.fixtures.socketPair();
    return {
      peer,
      content: context.random.bytes(500),
      receiving: contentOf(driver.multishot(recvMultishot(end.fd, buffers))),
    };
  });
  for (const round of [0, 1, 2, 3, 4]) {
    for (const { peer, content } of context.random.shuffled(streams)) {
      peer.write(content.subarray(round * 100, (round + 1) * 100));
    }
    await context.barrier(driver);
  }
  for (const { peer } of streams) shutdown(peer.fd, 'write');
  for (const { receiving, content } of streams) sameBytes(await receiving, content);
  assert.equal(buffers.available, 8, 'the ring did not get its buffers back');
}

async function starves(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  const buffers = bufferRing(context, driver, { entries: 2, bufferSize: 10 });
  const [end, peer] = context.fixtures.socketPair();
  const [otherEnd, otherPeer] = context.fixtures.socketPair();
  const [keeper, other] = [new Keeper(), new Keeper()];
  driver.ioUring.multishotInto(recvMultishot(end.fd, buffers), keeper);
  const content = context.random.bytes(200);
  peer.write(content);
  while (buffers.available > 0) await context.barrier(driver);
  sameBytes(keeper.bytes, content.subarray(0, 20));
  driver.ioUring.multishotInto(recvMultishot(otherEnd.fd, buffers), other);
  otherPeer.write(content);
  await context.barrier(driver);
  sameBytes(keeper.bytes, content.subarray(0, 20));
  assert.equal(other.bytes.length, 0, 'bytes came though no buffer was left');
  shutdown(peer.fd, 'write');
  shutdown(otherPeer.fd, 'write');
  const received = [Buffer.alloc(0), Buffer.alloc(0)] as [Buffer, Buffer];
  let ends = 0;
  for (const each of [keeper, other]) void each.end.then(() => (ends += 1));
  while (ends < 2) {
    received[0] = Buffer.concat([received[0], keeper.bytes]);
    received[1] = Buffer.concat([received[1], other.bytes]);
    keeper.release();
    other.release();
    await context.barrier(driver);
    assert.ok(!context.signal.aborted, 'receives that waited for buffers did not go on');
  }
  assert.deepEqual([await keeper.end, await other.end], [undefined, undefined]);
  for (const each of received) sameBytes(each, content);
  assert.equal(buffers.available, 2, 'the ring did not get its buffers back');
}

async function releasedInSink(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  const buffers = bufferRing(context, driver, { entries: 4, bufferSize: 10 });
  const [end, peer] = context.fixtures.socketPair();
  const content = context.random.bytes(400);
  const received: Buffer[] = [];
  const over = new Promise<Error | undefined>((resolve) => {
    driver.ioUring.multishotInto(recvMultishot(end.fd, buffers), {
      completed: (completion) => {
        received.push(Buffer.from(completion.bytes ?? []));
        completion.release();
      },
      ended: resolve,
    });
  });
  for (let at = 0; at < content.length; at += 40) {
    peer.write(content.subarray(at, at + 40));
    for (let turns = 0; Buffer.concat(received).length < at + 40; turns += 1) {
      assert.ok(turns < MOST_TURNS, 'a buffer that was released as it was told did not go back to the ring');
      await context.barrier(driver);
    }
  }
  shutdown(peer.fd, 'write');
  assert.equal(await over, undefined);
  sameBytes(Buffer.concat(received), content);
  assert.equal(buffers.available, 4, 'the ring did not get its buffers back');
}

async function keepsBytes(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  const buffers = bufferRing(context, driver, { entries: 16, bufferSize: 100 });
  const [end, peer] = context.fixtures.socketPair();
  const keeper = new Keeper();
  const control = driver.ioUring.multishotInto(recvMultishot(end.fd, buffers), keeper);
  const held: { readonly completion: Completion; readonly sent: Buffer }[] = [];
  for (let message = 0; message < 60; message += 1) {
    const sent = context.random.bytes(1 + context.random.integer(100));
    peer.write(sent);
    while (keeper.kept.length === 0) await context.barrier(driver);
    held.push({ completion: keeper.kept.pop() ?? assert.fail(), sent });
    for (const { completion, sent } of held) sameBytes(completion.bytes ?? Buffer.alloc(0), sent);
    // Others are released than those that came first.
    if (held.length > 10) held.splice(context.random.integer(held.length), 1)[0]?.completion.release();
  }
  control.cancel();
  assert.equal(await keeper.end, undefined);
  const { completion } = held[0] ?? assert.fail();
  const { bytes } = completion;
  completion.release();
  completion.release();
  assert.equal(completion.bytes, undefined, 'bytes are told that were released');
  await assert.rejects(driver.ioUringSubmit(write(peer.fd, bytes as Buffer)), { code: 'ERR_POLYRING_RELEASED' });
  for (const { completion } of held) completion.release();
  assert.equal(buffers.available, 16, 'a buffer was released twice, or never');
}

async function operationsKeepBytes(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  const buffers = bufferRing(context, driver, { entries: 4, bufferSize: 4096 });
  const [end, peer] = context.fixtures.socketPair();
  const slow = context.fixtures.pipe();
  const filler = slow.writer.fill();
  setNonblocking(slow.writer.fd, false);
  const received = driver.multishot(recvMultishot(end.fd, buffers));
  const sent = context.random.bytes(4096);
  peer.write(sent);
  const { value } = await received.next();
  const writing = driver.ioUringSubmit(write(slow.writer.fd, value?.bytes as Buffer));
  for (let message = 0; message < 20; message += 1) {
    peer.write(context.random.bytes(4096));
    await received.next();
  }
  await received.return();
  assert.equal(buffers.available, 3, 'a buffer that an operation uses was given to the kernel');
  const through: Buffer[] = [];
  for (let left = filler + sent.length; left > 0; ) {
    const bytes = slow.reader.read() ?? Buffer.alloc(0);
    through.push(bytes);
    left -= bytes.length;
    await context.barrier(driver);
  }
  assert.equal(await writing, sent.length);
  sameBytes(Buffer.concat(through).subarray(filler), sent);
  assert.equal(buffers.available, 4, 'the ring did not get its buffers back');
}

async function leavesLoop(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  const buffers = bufferRing(context, driver, { entries: 16, bufferSize: 8 });
  for (let round = 0; round < 3; round += 1) {
    const [end, peer] = context.fixtures.socketPair();
    peer.write(Buffer.alloc(100));
    for await (const { result } of driver.multishot(recvMultishot(end.fd, buffers))) {
      assert.ok(result > 0);
      await context.barrier(driver);
      break;
    }
    assert.equal(buffers.available, 16, 'the ring did not get the buffers back that nobody took');
  }
}

async function incremental(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  const buffers = bufferRing(context, driver, { entries: 8, bufferSize: 64, incremental: true });
  const [end, peer] = context.fixtures.socketPair();
  const keeper = new Keeper();
  const control = driver.ioUring.multishotInto(recvMultishot(end.fd, buffers), keeper);
  assert.throws(() => driver.multishot(recvMultishot(end.fd, buffers)), { code: 'ERR_POLYRING_IN_USE' });
  const sent: Buffer[] = [];
  const received: Buffer[] = [];
  for (let message = 0; message < 100; message += 1) {
    sent.push(context.random.bytes(1 + context.random.integer(20)));
    peer.write(sent.at(-1) as Buffer);
    await context.barrier(driver);
    // Mostly some are held, so that a buffer is in several hands, or in none while it is being filled.
    const held = context.random.integer(5);
    for (const completion of keeper.kept.splice(0, Math.max(0, keeper.kept.length - held))) {
      received.push(Buffer.from(completion.bytes as Buffer));
      completion.release();
    }
  }
  const total = Buffer.concat(sent).length;
  while (Buffer.concat(received).length + keeper.bytes.length < total) await context.barrier(driver);
  sameBytes(Buffer.concat([...received, keeper.bytes]), Buffer.concat(sent));
  control.cancel();
  assert.equal(await keeper.end, undefined);
  keeper.release();
  const next = driver.multishot(recvMultishot(end.fd, buffers));
  peer.write(Buffer.from('x'));
  const { value } = await next.next();
  assert.equal(String(value?.bytes), 'x', 'a ring that has no operation any more serves no other');
  await next.return();
}

async function closes(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  const [end, peer] = context.fixtures.socketPair();
  const buffers = bufferRing(context, driver, { entries: 4, bufferSize: 16 });
  const keeper = new Keeper();
  driver.ioUring.multishotInto(recvMultishot(end.fd, buffers), keeper);
  peer.write(Buffer.from('kept'));
  while (keeper.kept.length === 0) await context.barrier(driver);
  await Promise.all([buffers.close(), buffers.close(), keeper.end]);
  assert.equal(await keeper.end, undefined);
  assert.equal(String(keeper.bytes), 'kept', 'bytes that were handed out went with the ring');
  const late = (async () => driver.multishot(recvMultishot(end.fd, buffers)).next())();
  peer.write(Buffer.from('x'));
  await assert.rejects(late, (error: NodeJS.ErrnoException) => {
    return error.code === 'ERR_POLYRING_CLOSED' || isSystemError('ENOBUFS')(error);
  });
  keeper.release();
  for (let round = 0; round < 5; round += 1) await driver.ioUring.bufferRing().close();
  const left = driver.ioUring.bufferRing({ entries: 2 });
  const reading = driver.multishot(recvMultishot(end.fd, left));
  const next = reading.next();
  await context.barrier(driver);
  const { value } = await next;
  assert.equal(String(value?.bytes), 'x');
  const pending = reading.next();
  await Promise.all([driver.close(), assert.rejects(pending, { code: 'ERR_POLYRING_CLOSED' })]);
  await left.close();
  assert.throws(() => driver.ioUring.bufferRing(), { code: 'ERR_POLYRING_CLOSED' });
  // What it brought may be released when the driver is gone.
  value?.release();
}

async function badArguments(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  for (const options of [{ entries: 3 }, { entries: 0 }, { entries: 65_536 }, { bufferSize: 0 }, { bufferSize: 0.5 }]) {
    assert.throws(() => driver.ioUring.bufferRing(options), { code: 'ERR_OUT_OF_RANGE' });
  }
  for (const name of ['entries', 'bufferSize']) {
    const make = (size: number): unknown => driver.ioUring.bufferRing({ [name]: size });
    refuses(name, NO_OPTIONAL_NUMBERS, 'ERR_INVALID_ARG_TYPE', make);
  }
  const [end] = context.fixtures.socketPair();
  const entry = recvMultishot(end.fd, bufferRing(context, driver, { entries: 1 }));
  await assert.rejects(driver.ioUringSubmit(entry), { code: 'ERR_POLYRING_UNSUPPORTED' });
}

const RECEIVE = { opcodes: [IORING_OP_RECV], features: ['recvMultishot', 'bufferRing'] } as const;
const READ = { opcodes: [IORING_OP_READ_MULTISHOT], features: ['readMultishot', 'bufferRing'] } as const;
const INCREMENTAL = { ...RECEIVE, features: [...RECEIVE.features, 'incrementalBuffers'] } as const;

const rule = ruleOf('buffers', 'buffers-that-the-kernel-selects', { needs: 'ioUring' });

/** The rules of buffers that the kernel selects from. */
export const bufferRingRules: readonly Rule[] = [
  rule('receive', 'A multishot receive brings every byte of a stream, in order, then is over', receives, RECEIVE),
  rule('read', 'A multishot read of a pipe brings every byte, in order, then is over', reads, READ),
  rule('serve-many', 'One ring of buffers serves many sockets, and gives each what was sent to it', serveMany, RECEIVE),
  rule('starve', 'With no buffer left receives wait, and go on when buffers are released', starves, RECEIVE),
  rule('release-in-sink', 'Buffers that are released as they are told go back to the ring', releasedInSink, RECEIVE),
  rule('keep-bytes', 'The bytes of a completion stay as they are until it is released', keepsBytes, RECEIVE),
  rule(
    'used-by-operation',
    'A buffer that an operation uses is given to the kernel when that operation is over, and no sooner',
    operationsKeepBytes,
    { ...RECEIVE, opcodes: [...RECEIVE.opcodes, IORING_OP_WRITE] },
  ),
  rule('leave-loop', 'Leaving the loop gives the buffers back that nobody took', leavesLoop, RECEIVE),
  rule(
    'incremental',
    'An incremental ring fills a buffer bit by bit, for one operation at a time',
    incremental,
    INCREMENTAL,
  ),
  rule('close', 'Closing a ring ends its operations, and leaves the bytes that were handed out', closes, RECEIVE),
  rule('arguments', 'Sizes out of range, and promises of selected buffers, are refused', badArguments, RECEIVE),
];
