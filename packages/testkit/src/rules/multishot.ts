import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import {
  acceptMultishot,
  type Completion,
  type CompletionSink,
  type Driver,
  Entry,
  Errno,
  IORING_OP_ACCEPT,
  IORING_OP_ASYNC_CANCEL,
  IORING_OP_POLL_ADD,
  IORING_OP_POLL_REMOVE,
  IORING_OP_TIMEOUT,
  type Multishot,
  type MultishotOptions,
  nop,
  now,
  PollEvents,
  pollMultishot,
  pollUpdate,
  timeoutMultishot,
} from '@polyring/core';
import { awaitReadable } from '../fixtures/await-readable.js';
import type { Listener } from '../fixtures/listener.js';
import { StreamEnd } from '../fixtures/stream-end.js';
import type { Rule } from '../rule.js';
import type { RuleContext } from '../running/context.js';
import { changedSince, openDescriptors } from '../running/descriptors.js';
import { refuses } from './refusals.js';
import { ruleOf } from './rule-of.js';
import { isSystemError } from './system-error.js';

const { IN, OUT } = PollEvents;
const SECTION = 'operations-that-complete-again-and-again';
const CLOSED = { code: 'ERR_POLYRING_CLOSED' };
const UNSUPPORTED = { code: 'ERR_POLYRING_UNSUPPORTED' };

/** Takes the next completion of an iteration that is not over. */
async function take(multishot: Multishot): Promise<Completion> {
  const { value } = await multishot.next();
  assert.ok(value !== undefined, 'the iteration is over');
  return value;
}

/** Connects, and sends two bytes that tell this connection from others. */
function connect(context: RuleContext, listener: Listener, number: number): StreamEnd {
  const client = context.fixtures.keep(listener.connected());
  client.write(Buffer.from(Uint16Array.of(number).buffer));
  return client;
}

/** Takes an accepted connection, and reads which one it is. */
async function takeConnection(context: RuleContext, accepts: Multishot): Promise<number> {
  const { result } = await take(accepts);
  assert.ok(result >= 0, `an accept completed with ${result}`);
  const connection = context.fixtures.keep(new StreamEnd(result));
  awaitReadable(connection.fd);
  const bytes = connection.read();
  assert.equal(bytes?.length, 2, 'an accepted connection lacks what its client sent');
  return (bytes as Buffer).readUInt16LE();
}

async function accepts(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  const listener = context.fixtures.listener();
  const connections = driver.multishot(acceptMultishot(listener.fd));
  const numbers: number[] = [];
  for (let number = 0; number < 10; number += 1) {
    connect(context, listener, number);
    numbers.push(await takeConnection(context, connections));
  }
  for (let number = 10; number < 300; number += 1) connect(context, listener, number);
  while (numbers.length < 300) numbers.push(await takeConnection(context, connections));
  assert.deepEqual(
    numbers,
    Array.from({ length: 300 }, (_, number) => number),
    'the connections accepted are not those that were made, in their order',
  );
  assert.deepEqual(await connections.return(), { value: undefined, done: true });
}

async function polls(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  const event = context.fixtures.eventfd({ initial: 1 });
  const events = driver.multishot(pollMultishot(event.fd, IN));
  assert.ok((await take(events)).result & IN, 'what held before the poll was not told');
  event.take();
  const asked = [events.next(), events.next(), events.next()];
  for (const [index, next] of asked.entries()) {
    event.signal();
    const { value } = await next;
    assert.ok((value?.result ?? 0) & IN, `event ${index} was told as ${value?.result}`);
    event.take();
  }
  assert.deepEqual(await events.return(), { value: undefined, done: true });
  assert.deepEqual(await events.next(), { value: undefined, done: true }, 'an iteration went on after its end');
}

async function ticks(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  const interval = 1.5;
  for (const highWaterMark of [1, 64]) {
    const start = now();
    let count = 0;
    for await (const { result } of driver.multishot(timeoutMultishot(interval, { count: 5 }), { highWaterMark })) {
      count += 1;
      const early = start + count * interval - now();
      assert.equal(result, Errno.ETIME);
      assert.ok(early <= 0, `tick ${count} came ${early} ms early`);
      await context.barrier(driver);
    }
    assert.equal(count, 5, 'a timeout of 5 ticks gave another number');
  }
}

async function leaving(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  for (let round = 0; round < 5; round += 1) {
    const listener = context.fixtures.listener();
    const entry = acceptMultishot(listener.fd);
    for (let number = 0; number < 20; number += 1) connect(context, listener, number);
    const baseline = openDescriptors();
    for await (const { result } of driver.multishot(entry)) {
      // The driver accepts the others meanwhile.
      await context.barrier(driver);
      new StreamEnd(result).close();
      break;
    }
    assert.deepEqual(changedSince(baseline), [], 'accepted descriptors that nobody took are open after the loop');
    assert.doesNotThrow(() => void driver.multishot(entry).return(), 'the operation is in flight after the loop');
    await context.barrier(driver);
  }
}

/** Connections after which an iteration that nobody takes from must have stopped. */
const MOST_ACCEPTED = 64;

async function backPressure(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  const listener = context.fixtures.listener();
  const highWaterMark = 4;
  const connections = driver.multishot(acceptMultishot(listener.fd), { highWaterMark });
  const baseline = openDescriptors().size;
  let made = 0;
  const accepted = async (): Promise<number> => {
    connect(context, listener, made);
    made += 1;
    await context.barrier(driver);
    return openDescriptors().size - baseline - made;
  };
  for (let before = -1, count = await accepted(); count !== before || count < highWaterMark; ) {
    assert.ok(count <= MOST_ACCEPTED, `${count} completions wait to be taken, of at most ${highWaterMark}`);
    before = count;
    count = await accepted();
  }
  for (let number = 0; number < made; number += 1) {
    assert.equal(await takeConnection(context, connections), number, 'a connection was lost by the stop');
  }
  connect(context, listener, made);
  assert.equal(await takeConnection(context, connections), made);
  await connections.return();
}

async function overflows(context: RuleContext): Promise<void> {
  const driver = await context.createDriver({ entries: 2, completionEntries: 4 });
  const listener = context.fixtures.listener();
  const connections = driver.multishot(acceptMultishot(listener.fd), { highWaterMark: 256 });
  for (let number = 0; number < 200; number += 1) {
    connect(context, listener, number);
    if (number % 50 === 0) await context.barrier(driver);
  }
  for (let number = 0; number < 200; number += 1) assert.equal(await takeConnection(context, connections), number);
  await connections.return();
}

async function changedPoll(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  const [end, peer] = context.fixtures.socketPair();
  const entry = pollMultishot(end.fd, IN);
  let told = (_: number): void => {};
  let paused = (): void => {};
  const next = (): Promise<number> => new Promise((resolve) => (told = resolve));
  const sink = { completed: ({ result }: Completion) => told(result), paused: () => paused(), ended() {} };
  const polling = driver.ioUring.multishotInto(entry, sink);
  await context.barrier(driver);
  const first = next();
  assert.equal(await driver.ioUringSubmit(pollUpdate(entry, OUT)), 0);
  assert.ok((await first) & OUT, 'a multishot poll did not get the events that it was changed to');
  await new Promise<void>((resolve) => {
    paused = resolve;
    polling.pause();
  });
  const again = next();
  polling.resume();
  await context.barrier(driver);
  peer.write(Buffer.from('x'));
  assert.ok((await again) & OUT, 'a multishot poll that was started again waits for the events of its entry');
  polling.cancel();
}

async function failure(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  const noSocket = context.fixtures.eventfd();
  const connections = driver.multishot(acceptMultishot(noSocket.fd));
  const [first, second] = [connections.next(), connections.next()];
  await assert.rejects(first, isSystemError('ENOTSOCK'));
  assert.deepEqual(await second, { value: undefined, done: true }, 'one failure was told twice, or not the last');
  assert.deepEqual(await connections.return(), { value: undefined, done: true });
}

async function abort(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  const event = context.fixtures.eventfd();
  const entry = pollMultishot(event.fd, IN);
  const reason = new Error('enough');
  for (const settle of [async () => {}, () => context.barrier(driver)]) {
    const controller = new AbortController();
    const events = driver.multishot(entry, { signal: controller.signal });
    const next = events.next();
    await settle();
    controller.abort(reason);
    await assert.rejects(next, { name: 'AbortError', code: 'ABORT_ERR', cause: reason });
    const again = driver.multishot(entry);
    await again.return();
    assert.deepEqual(await events.next(), { value: undefined, done: true });
  }
  await lateAbort(context, driver);
  const aborted = { signal: AbortSignal.abort(reason) };
  assert.throws(() => driver.multishot(entry, aborted), { name: 'AbortError', code: 'ABORT_ERR', cause: reason });
  const events = driver.multishot(entry);
  event.signal();
  assert.ok((await take(events)).result & IN);
  await events.return();
}

/** A signal is that of one iteration, and not of the next one of the same entry. */
async function lateAbort(context: RuleContext, driver: Driver): Promise<void> {
  const event = context.fixtures.eventfd();
  const entry = pollMultishot(event.fd, IN);
  const controller = new AbortController();
  const times = 10;
  for (let time = 0; time < times; time += 1) await driver.multishot(entry, { signal: controller.signal }).return();
  const left = getEventListeners(controller.signal, 'abort').length;
  assert.ok(left < times, `${times} iterations that are over have left ${left} listeners on their signal`);
  const events = driver.multishot(entry);
  const next = take(events);
  await context.barrier(driver);
  controller.abort();
  await context.barrier(driver);
  event.signal();
  assert.ok((await next).result & IN, 'the signal of an earlier iteration ended this one of the same entry');
  await events.return();
}

async function closing(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  const event = context.fixtures.eventfd();
  const listener = context.fixtures.listener();
  for (let number = 0; number < 8; number += 1) connect(context, listener, number);
  const baseline = openDescriptors();
  const running = driver.multishot(pollMultishot(event.fd, IN));
  const next = running.next();
  const stopped = driver.multishot(acceptMultishot(listener.fd), { highWaterMark: 1 });
  let end: Error | undefined;
  await new Promise<void>((resolve) => {
    const sink = { completed() {}, paused: resolve, ended: (error: Error | undefined) => (end = error) };
    driver.ioUring.multishotInto(pollMultishot(event.fd, IN), sink).pause();
  });
  await context.barrier(driver);
  await Promise.all([driver.close(), assert.rejects(next, CLOSED)]);
  const left = changedSince(baseline).filter((change) => change.endsWith('left open'));
  assert.deepEqual(left, [], 'accepted descriptors that nobody took are open after the close');
  assert.equal(
    (end as NodeJS.ErrnoException | undefined)?.code,
    CLOSED.code,
    'a sink that was paused was not told of the end',
  );
  await assert.rejects(stopped.next(), CLOSED, 'a closed driver handed out a descriptor that it closed');
  for (const ended of [running, stopped]) {
    assert.deepEqual(await ended.next(), { value: undefined, done: true });
    assert.deepEqual(await ended.return(), { value: undefined, done: true });
  }
  assert.throws(() => driver.multishot(nop()), CLOSED);
}

async function sinks(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  const caught = context.expectUncaught();
  const event = context.fixtures.eventfd();
  const thrown = new Error('thrown by a sink');
  const results: number[] = [];
  let ends = 0;
  await new Promise<void>((resolve, reject) => {
    const control = driver.ioUring.multishotInto(pollMultishot(event.fd, IN), {
      completed({ result }) {
        results.push(result);
        event.take();
        if (results.length === 5) control.cancel();
        else event.signal();
        if (results.length === 2) throw thrown;
      },
      ended(error) {
        ends += 1;
        if (error === undefined) resolve();
        else reject(error);
      },
    });
    event.signal();
  });
  event.signal();
  await context.barrier(driver);
  assert.ok(results.length === 5 && results.every((result) => (result & IN) !== 0), `told of ${results.join()}`);
  assert.equal(ends, 1, 'the end was told twice');
  assert.deepEqual(caught, [thrown], 'uncaughtException did not see what a sink threw, once');
  await againInSink(context, driver);
}

/** The end of an operation is where its entry is submitted again. */
async function againInSink(context: RuleContext, driver: Driver): Promise<void> {
  const event = context.fixtures.eventfd();
  const entry = pollMultishot(event.fd, IN);
  let left = 3;
  await new Promise<void>((resolve, reject) => {
    const start = (): void => {
      try {
        const control = driver.ioUring.multishotInto(entry, {
          completed() {
            event.take();
            control.cancel();
          },
          ended() {
            left -= 1;
            if (left > 0) start();
            else resolve();
          },
        });
        event.signal();
      } catch (error) {
        reject(error);
      }
    };
    start();
  });
}

async function badArguments(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  const entry = pollMultishot(context.fixtures.eventfd().fd, IN);
  for (const [given, options, code] of [
    [{}, {}, 'ERR_INVALID_ARG_TYPE'],
    [entry, { highWaterMark: 0 }, 'ERR_OUT_OF_RANGE'],
    [entry, { highWaterMark: 'x' }, 'ERR_INVALID_ARG_TYPE'],
    [entry, { signal: {} }, 'ERR_INVALID_ARG_TYPE'],
    [Entry.unsafe({ opcode: 255 }), {}, 'ERR_POLYRING_UNSUPPORTED'],
    [nop(), {}, 'ERR_POLYRING_UNSUPPORTED'],
  ] as [Entry, MultishotOptions, string][]) {
    assert.throws(() => driver.multishot(given, options), { code });
  }
  const noSinks = [null, undefined, 1, {}, { completed() {} }, { ended() {} }];
  const start = (sink: CompletionSink): unknown => driver.ioUring.multishotInto(entry, sink);
  refuses('sink', noSinks, 'ERR_INVALID_ARG_TYPE', start);
  const events = driver.multishot(entry);
  assert.throws(() => driver.multishot(entry), { code: 'ERR_POLYRING_ENTRY_IN_FLIGHT' });
  await events.return();
}

async function unsupported(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  const entry = pollMultishot(context.fixtures.eventfd().fd, IN);
  assert.throws(() => driver.multishot(entry), UNSUPPORTED);
  assert.throws(() => driver.ioUring, UNSUPPORTED);
}

const rule = ruleOf('multishot', SECTION, { needs: 'ioUring' });
const withoutRing = ruleOf('multishot', SECTION, { unless: 'ioUring' });

const ACCEPT = { opcodes: [IORING_OP_ACCEPT, IORING_OP_ASYNC_CANCEL], features: ['acceptMultishot'] } as const;
const POLL = { opcodes: [IORING_OP_POLL_ADD, IORING_OP_ASYNC_CANCEL], features: ['pollMultishot'] } as const;
const TIMEOUT = { opcodes: [IORING_OP_TIMEOUT], features: ['timeoutMultishot'] } as const;
const BOTH = { opcodes: [...ACCEPT.opcodes, IORING_OP_POLL_ADD], features: [...ACCEPT.features, ...POLL.features] };

/** The rules of operations that complete again and again. */
export const multishotRules: readonly Rule[] = [
  rule('accept', 'A multishot accept gives every connection once, in their order', accepts, ACCEPT),
  rule('poll', 'A multishot poll tells of each event, and next() calls are answered in their order', polls, POLL),
  rule('timeout', 'A counted multishot timeout ticks so many times, never early, then is over', ticks, TIMEOUT),
  rule(
    'leave-loop',
    'Leaving the loop ends the operation, and closes what was accepted and not taken, before it goes on',
    leaving,
    ACCEPT,
  ),
  rule(
    'back-pressure',
    'An iteration that nobody takes from stops accepting, goes on when it is taken from, and loses nothing',
    backPressure,
    ACCEPT,
  ),
  rule('overflow', 'A completion queue that overflows loses no completion of a multishot operation', overflows, ACCEPT),
  rule('changed-poll', 'A change of a multishot poll lasts when the poll is stopped and goes on', changedPoll, {
    ...POLL,
    opcodes: [...POLL.opcodes, IORING_OP_POLL_REMOVE],
  }),
  rule('failure', 'A failure rejects one next() with its system error, and ends the iteration', failure, ACCEPT),
  rule('abort', 'An abort rejects next() with an AbortError once the operation is over', abort, POLL),
  rule('close', 'Closing the driver ends every operation, and closes what was accepted and not taken', closing, BOTH),
  rule(
    'sink',
    'A sink is told of every completion and of one end, where the entry is free; what it throws is uncaught',
    sinks,
    POLL,
  ),
  rule(
    'arguments',
    'What is no entry, no option, in flight already, or completes but once is refused by a throw',
    badArguments,
    POLL,
  ),
  withoutRing(
    'unsupported',
    'A driver without a ring refuses multishot operations and resources with ERR_POLYRING_UNSUPPORTED',
    unsupported,
  ),
];
