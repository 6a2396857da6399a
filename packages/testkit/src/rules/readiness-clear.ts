import assert from 'node:assert/strict';
import {
  ALWAYS_REPORTED,
  type Driver,
  formatPollEvents,
  InterestSlot,
  Pending,
  PollEvents,
  type RawFd,
} from '@polyring/core';
import { MSG_OOB, send, shutdown, tryRecv } from '@polyring/sys';
import type { StreamEnd } from '../fixtures/stream-end.js';
import { type Readiness, type Register, readyFor, registerFd } from '../polling/readiness.js';
import { receive } from '../polling/transfer.js';
import { Wakes } from '../polling/wakes.js';
import type { RuleContext } from '../running/context.js';
import { forBothParts } from './readiness-parts.js';

const { Read, Write } = InterestSlot;
const { IN, OUT, PRI, RDHUP } = PollEvents;
const BYTE = Buffer.from('x');
const READING = [Read, IN] as const;
const WRITING = [Write, OUT] as const;

async function edge(context: RuleContext, register: Register): Promise<void> {
  const driver = await context.createDriver();
  const [end, peer] = context.fixtures.socketPair();
  using readiness = register(driver, end.fd);
  for (let round = 0; round < 200; round += 1) {
    const message = context.random.bytes(1 + context.random.integer(100));
    const early = context.random.integer(2) === 0;
    if (early) peer.write(message);
    const receiving = receive(end, readiness, message.length);
    if (!early && context.random.integer(2) === 0) await context.barrier(driver);
    if (!early) peer.write(message);
    assert.deepEqual(await receiving, message);
  }
}

/** When data comes after a clear that says that the descriptor was drained. */
const ARRIVALS = [
  'before the clear',
  'at once',
  'while nobody waits',
  'for another object first',
  'while somebody waits',
];

/** How often each of them is tried with each drainable. A backend may take its time to wake: no latency is promised. */
const TIMES_EACH = 4;

/** A descriptor that is drained by reading all, or by writing until there is no room. */
interface Drainable {
  readonly fd: RawFd;
  readonly slot: InterestSlot;
  readonly events: PollEvents;
  /** Uses all that there is, to EAGAIN. */
  drain(): void;
  /** Brings the next event. */
  raise(): void;
}

function drainables({ fixtures }: RuleContext, register: Register): Drainable[] {
  const [end, peer] = fixtures.socketPair();
  const [full, sink] = fixtures.socketPair();
  const pipe = fixtures.pipe();
  const reading = { slot: Read, events: IN, drain: () => end.drain(), raise: () => peer.write(BYTE) };
  const writing = (writer: StreamEnd, reader: StreamEnd): Drainable => {
    writer.fill();
    const { fd } = writer;
    return { fd, slot: Write, events: OUT, drain: () => writer.fill(), raise: () => reader.drain() };
  };
  const sockets = [{ fd: end.fd, ...reading }, writing(full, sink)];
  return register === registerFd ? [...sockets, writing(pipe.writer, pipe.reader)] : sockets;
}

async function drained(context: RuleContext, register: Register): Promise<void> {
  const driver = await context.createDriver();
  const arrivals = ARRIVALS.flatMap((_, arrival) => Array<number>(TIMES_EACH).fill(arrival));
  for (const drainable of drainables(context, register)) {
    using readiness = register(driver, drainable.fd);
    using other = register(driver, drainable.fd);
    for (const arrival of context.random.shuffled(arrivals)) {
      await drainedOnce(context, driver, drainable, readiness, other, arrival);
    }
  }
  for (const told of [true, false]) await drainedBesides(context, driver, register, told);
}

async function drainedOnce(
  context: RuleContext,
  driver: Driver,
  { slot, events, drain, raise }: Drainable,
  readiness: Readiness,
  other: Readiness,
  arrival: number,
): Promise<void> {
  // Somebody has waited before, so that the kernel is asked for these events already.
  const waiting = readyFor(readiness, slot, events);
  raise();
  await waiting;
  drain();
  if (arrival === 0) raise();
  readiness.clear(slot, arrival > 0);
  if (arrival === 1 || arrival === 2) raise();
  if (arrival === 2) await context.barrier(driver);
  if (arrival === 3) {
    const others = readyFor(other, slot, events);
    raise();
    await others;
  }
  const wakes = new Wakes();
  const answer = readiness.poll(wakes.waker, slot, events);
  if (arrival === 4) {
    assert.equal(answer, Pending, 'ready after it was drained');
    raise();
  }
  if (answer === Pending) await wakes.beyond(0);
  assert.ok((await readyFor(readiness, slot, events)) & events, `${ARRIVALS[arrival]}`);
  drain();
  readiness.clear(slot, true);
  other.clear(slot, true);
}

/** One slot says that it has drained. The other keeps what it was told, or finds what holds when it asks first. */
async function drainedBesides(context: RuleContext, driver: Driver, register: Register, told: boolean): Promise<void> {
  for (const [[slot, events], [other, otherEvents]] of [
    [READING, WRITING],
    [WRITING, READING],
  ] as const) {
    const [end, peer] = context.fixtures.socketPair();
    using readiness = register(driver, end.fd);
    peer.write(BYTE);
    await readyFor(readiness, slot, events);
    if (told) await readyFor(readiness, other, otherEvents);
    if (slot === Read) end.drain();
    else end.fill();
    readiness.clear(slot, true);
    const answer = readiness.poll(new Wakes().waker, other, otherEvents);
    if (told) assert.notEqual(answer, Pending, 'clearing one drained slot cleared the other');
    context.waitingFor = () => 'what holds for the slot that was not drained';
    assert.ok((await readyFor(readiness, other, otherEvents)) & otherEvents);
  }
}

async function drainedEnd(context: RuleContext, register: Register): Promise<void> {
  for (const early of [true, false]) {
    const driver = await context.createDriver();
    const [end, peer] = context.fixtures.socketPair();
    using readiness = register(driver, end.fd);
    const waiting = readyFor(readiness, Read, IN);
    peer.write(BYTE);
    await waiting;
    if (early) {
      // What was reported is kept, and what comes now finds nobody waiting.
      peer.write(BYTE);
      shutdown(peer.fd, 'write');
      await context.barrier(driver);
    }
    assert.ok((await readyFor(readiness, Read, IN)) & IN);
    // All bytes, and not the end behind them.
    assert.equal(end.read()?.length, early ? 2 : 1);
    readiness.clear(Read, true);
    if (!early) {
      shutdown(peer.fd, 'write');
      await context.barrier(driver);
    }
    const answer = await readyFor(readiness, Read, IN);
    assert.ok(answer & (RDHUP | PollEvents.HUP), `events ${answer} tell no end`);
  }
  await drainedEndOfWriter(context, register);
}

/** A writer has filled what it writes to, and the other end goes. */
async function drainedEndOfWriter(context: RuleContext, register: Register): Promise<void> {
  const driver = await context.createDriver();
  for (const early of [true, false]) {
    for (const { writer, end } of endingWriters(context, register)) {
      using readiness = register(driver, writer.fd);
      await readyFor(readiness, Write, OUT);
      writer.fill();
      if (early) end();
      readiness.clear(Write, true);
      if (!early) end();
      await context.barrier(driver);
      context.waitingFor = () => 'the end for a writer';
      const answer = await readyFor(readiness, Write, OUT);
      assert.ok(answer & ALWAYS_REPORTED, `${formatPollEvents(answer)} tells a writer no end`);
    }
  }
}

/** Writers, and what ends the other side of each. */
function endingWriters({ fixtures }: RuleContext, register: Register): { writer: StreamEnd; end: () => void }[] {
  const [closed, closing] = fixtures.socketPair();
  const [halfClosed, halfClosing] = fixtures.socketPair();
  const { reader, writer } = fixtures.pipe();
  const sockets = [
    { writer: closed, end: () => closing.close() },
    { writer: halfClosed, end: () => shutdown(halfClosing.fd, 'write') },
  ];
  return register === registerFd ? [...sockets, { writer, end: () => reader.close() }] : sockets;
}

async function clearWaiting(context: RuleContext, register: Register): Promise<void> {
  const driver = await context.createDriver();
  for (const drainable of drainables(context, register)) {
    const { fd, slot, events, drain, raise } = drainable;
    for (const drained of [false, true]) {
      for (const settle of [async () => {}, () => context.barrier(driver)]) {
        using readiness = register(driver, fd);
        const waiting = readyFor(readiness, slot, events);
        await settle();
        readiness.clear(slot, drained);
        await settle();
        raise();
        assert.ok((await waiting) & events);
        drain();
      }
    }
  }
}

async function cached(context: RuleContext, register: Register): Promise<void> {
  const driver = await context.createDriver();
  const [end, peer] = context.fixtures.socketPair();
  using readiness = register(driver, end.fd);
  const waiting = [readyFor(readiness, Read, IN), readyFor(readiness, Write, IN)];
  peer.write(BYTE);
  await Promise.all(waiting);
  end.drain();
  const { waker } = new Wakes();
  assert.notEqual(readiness.poll(waker, Read, IN), Pending, 'readiness was forgotten without a clear');
  assert.equal(readiness.poll(waker, Read, PRI), Pending);
  assert.notEqual(readiness.poll(waker, Read, IN), Pending, 'readiness was forgotten with another interest');
  readiness.clear(Read);
  assert.equal(readiness.poll(waker, Read, IN), Pending, 'readiness was kept after a clear');
  assert.notEqual(readiness.poll(waker, Write, IN), Pending, 'clearing one slot cleared the other');
  for (const slot of [Read, Write]) await cachedEach(context, driver, register, slot);
}

/** Each event that a slot is told is kept, though it does not hold any more, however often it is asked for. */
async function cachedEach(context: RuleContext, driver: Driver, register: Register, slot: InterestSlot): Promise<void> {
  for (const event of [IN, OUT, RDHUP, PRI]) {
    const [end, peer] = event === PRI ? context.fixtures.tcpPair() : context.fixtures.socketPair();
    using readiness = register(driver, end.fd);
    if (event === IN) peer.write(BYTE);
    if (event === RDHUP) shutdown(peer.fd, 'write');
    if (event === PRI) send(peer.fd, BYTE, 0, 1, MSG_OOB);
    await readyFor(readiness, slot, event);
    if (event === IN) end.drain();
    if (event === OUT) end.fill();
    if (event === PRI) assert.equal(tryRecv(end.fd, Buffer.alloc(1), 0, 1, MSG_OOB), 1);
    for (let time = 0; time < 3; time += 1) {
      const answer = readiness.poll(new Wakes().waker, slot, event);
      assert.notEqual(answer, Pending, `${formatPollEvents(event)} was forgotten without a clear`);
    }
  }
}

async function spurious(context: RuleContext, register: Register): Promise<void> {
  const driver = await context.createDriver();
  const [end, peer] = context.fixtures.socketPair();
  using one = register(driver, end.fd);
  using other = register(driver, end.fd);
  for (let round = 0; round < 20; round += 1) {
    const waiting = [readyFor(one, Read, IN), readyFor(other, Read, IN)];
    if (round % 2 === 0) await context.barrier(driver);
    peer.write(BYTE);
    await Promise.all(waiting);
    assert.equal(end.drain(), 1);
    assert.equal(end.read(), undefined, 'the other waiter found data');
    one.clear(Read);
    other.clear(Read);
  }
  for (const events of [IN, IN | PRI]) await readAway(context, driver, register, events);
}

/** What comes is read away before anybody is told of it; a wake for nothing is allowed. */
async function readAway(context: RuleContext, driver: Driver, register: Register, events: PollEvents): Promise<void> {
  const [end, peer] = context.fixtures.socketPair();
  using readiness = register(driver, end.fd);
  const wakes = new Wakes();
  let seen = -1;
  const wait = (): void => {
    // Whoever waits goes on with the poll that it made.
    if (wakes.count === seen) return;
    seen = wakes.count;
    readiness.clear(Read);
    assert.equal(readiness.poll(wakes.waker, Read, events), Pending);
  };
  for (let round = 0; round < 5; round += 1) {
    wait();
    await context.barrier(driver);
    peer.write(BYTE);
    end.drain();
    await context.barrier(driver);
  }
  wait();
  peer.write(BYTE);
  context.waitingFor = () => 'data that comes after data that was read away';
  await wakes.beyond(seen);
}

/** The rules of the readiness that is kept until it is cleared, for descriptors and for sockets. */
export const readinessClearRules = forBothParts((rule) => [
  rule('edge', 'After draining and clearing, new data wakes the waiter, whenever it comes', edge),
  rule('drained', 'Data that comes after a clear of a drained descriptor wakes the waiter, whenever it comes', drained),
  rule(
    'drained-end',
    'The end of the stream is told after a clear of a drained descriptor, whenever it came',
    drainedEnd,
  ),
  rule('clear-waiting', 'Clearing a slot that waits leaves its waiter, which is woken by the next event', clearWaiting),
  rule('cached', 'Readiness is kept per slot until that slot is cleared', cached),
  rule(
    'spurious-wake',
    'A waiter that finds nothing, as another one was faster, clears, polls and is woken again, and so is one that sleeps',
    spurious,
  ),
]);
