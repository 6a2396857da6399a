import assert from 'node:assert/strict';
import { type Driver, formatPollEvents, InterestSlot, Pending, PollEvents } from '@polyring/core';
import type { StreamEnd } from '../fixtures/stream-end.js';
import { type Readiness, type Register, readyFor } from '../polling/readiness.js';
import { Wakes } from '../polling/wakes.js';
import type { RuleContext } from '../running/context.js';
import { forBothParts } from './readiness-parts.js';

const { Read, Write } = InterestSlot;
const { IN, OUT, PRI, HUP, RDHUP } = PollEvents;
const BYTE = Buffer.from('x');

async function wakes(context: RuleContext, register: Register): Promise<void> {
  const driver = await context.createDriver();
  const [end, peer] = context.fixtures.socketPair();
  using readiness = register(driver, end.fd);
  const pending = new Wakes();
  assert.equal(readiness.poll(pending.waker, Read, IN), Pending, 'ready before there is data');
  await context.barrier(driver);
  assert.equal(readiness.poll(pending.waker, Read, IN), Pending, 'ready before there is data');
  peer.write(BYTE);
  await pending.beyond(0);
  assert.ok((await readyFor(readiness, Read, IN)) & IN);
}

async function earlierEvent(context: RuleContext, register: Register): Promise<void> {
  const driver = await context.createDriver();
  const [end, peer] = context.fixtures.socketPair();
  peer.write(BYTE);
  using readiness = register(driver, end.fd);
  assert.ok((await readyFor(readiness, Read, IN)) & IN);
  assert.ok((await readyFor(readiness, Write, OUT)) & OUT);
  await earlierEvents(driver, register, end, IN | OUT);
  peer.close();
  await earlierEvents(driver, register, end, IN | HUP | RDHUP);
}

/** The first answer holds all of several events that held before the registration. */
async function earlierEvents(driver: Driver, register: Register, end: StreamEnd, events: PollEvents): Promise<void> {
  using readiness = register(driver, end.fd);
  for (const slot of [Read, Write] as const) {
    const missing = events & ~(await readyFor(readiness, slot, events));
    assert.ok(missing === 0, `not told of ${formatPollEvents(missing)} with what else held`);
  }
}

async function interestChange(context: RuleContext, register: Register): Promise<void> {
  const driver = await context.createDriver();
  const [end, peer] = context.fixtures.socketPair();
  end.fill();
  using readiness = register(driver, end.fd);
  const reader = new Wakes();
  const writer = new Wakes();
  assert.equal(readiness.poll(reader.waker, Read, IN), Pending);
  assert.equal(readiness.poll(writer.waker, Write, OUT), Pending);
  await context.barrier(driver);
  assert.equal(readiness.poll(reader.waker, Read, PRI), Pending);
  peer.drain();
  await writer.beyond(0);
  assert.ok((await readyFor(readiness, Write, OUT)) & OUT);
  peer.write(BYTE);
  await context.barrier(driver);
  assert.equal(readiness.poll(reader.waker, Read, PRI), Pending, 'data completed a poll for PRI');
  assert.ok((await readyFor(readiness, Read, IN)) & IN, 'data that came before the interest is not found');
  end.drain();
  readiness.clear(Read);
  const again = new Wakes();
  assert.equal(readiness.poll(again.waker, Read, IN), Pending);
  readiness.poll(writer.waker, Write, PRI);
  await context.barrier(driver);
  peer.write(BYTE);
  await again.beyond(0);
}

async function independentSlots(context: RuleContext, register: Register): Promise<void> {
  const driver = await context.createDriver();
  for (const first of [Read, Write]) {
    const [end, peer] = context.fixtures.socketPair();
    end.fill();
    using readiness = register(driver, end.fd);
    const slots = [
      { slot: Read, events: IN, wakes: new Wakes(), raise: () => peer.write(BYTE) },
      { slot: Write, events: OUT, wakes: new Wakes(), raise: () => peer.drain() },
    ] as const;
    for (const { slot, events, wakes } of slots) assert.equal(readiness.poll(wakes.waker, slot, events), Pending);
    await context.barrier(driver);
    const [one, other] = first === Read ? slots : ([slots[1], slots[0]] as const);
    one.raise();
    await one.wakes.beyond(0);
    await readyFor(readiness, one.slot, one.events);
    assert.equal(readiness.poll(other.wakes.waker, other.slot, other.events), Pending, 'one slot made the other ready');
    const seen = other.wakes.count;
    other.raise();
    await other.wakes.beyond(seen);
    await readyFor(readiness, other.slot, other.events);
  }
  for (const first of [Read, Write]) await leftAlone(context, driver, register, first);
}

/** Two slots wait. One has its event, and the other is polled again only if it is woken. */
async function leftAlone(context: RuleContext, driver: Driver, register: Register, first: InterestSlot): Promise<void> {
  const [end, peer] = context.fixtures.socketPair();
  end.fill();
  using readiness = register(driver, end.fd);
  const reading = { answer: readyFor(readiness, Read, IN), events: IN, raise: () => peer.write(BYTE) };
  const writing = { answer: readyFor(readiness, Write, OUT), events: OUT, raise: () => peer.drain() };
  await context.barrier(driver);
  for (const { answer, events, raise } of first === Read ? [reading, writing] : [writing, reading]) {
    raise();
    assert.ok((await answer) & events);
    await context.barrier(driver);
  }
}

async function sameInterest(context: RuleContext, register: Register): Promise<void> {
  const driver = await context.createDriver();
  const [end, peer] = context.fixtures.socketPair();
  using readiness = register(driver, end.fd);
  const waiting = [readyFor(readiness, Read, IN), readyFor(readiness, Write, IN)];
  await context.barrier(driver);
  peer.write(BYTE);
  for (const answer of await Promise.all(waiting)) assert.ok(answer & IN);
}

async function latestWaker(context: RuleContext, register: Register): Promise<void> {
  const driver = await context.createDriver();
  for (const slot of [Read, Write] as const) {
    const [end, peer] = context.fixtures.socketPair();
    using readiness = register(driver, end.fd);
    const first = new Wakes();
    const second = new Wakes();
    assert.equal(readiness.poll(first.waker, slot, IN), Pending);
    await context.barrier(driver);
    assert.equal(readiness.poll(second.waker, slot, IN), Pending);
    const seen = first.count;
    peer.write(BYTE);
    await second.beyond(0);
    await context.barrier(driver);
    assert.equal(first.count, seen, 'the waker that was replaced was called');
    await replacedByAnswer(context, driver, [readiness, slot], peer);
  }
}

/** IN was told to the slot, so that a poll for it is answered at once. The hang-up would wake a waiter for PRI. */
async function replacedByAnswer(
  context: RuleContext,
  driver: Driver,
  [readiness, slot]: readonly [Readiness, InterestSlot],
  peer: StreamEnd,
): Promise<void> {
  await readyFor(readiness, slot, IN);
  const replaced = new Wakes();
  assert.equal(readiness.poll(replaced.waker, slot, PRI), Pending);
  await context.barrier(driver);
  assert.notEqual(readiness.poll(new Wakes().waker, slot, IN), Pending, 'readiness was forgotten without a clear');
  const seen = replaced.count;
  peer.close();
  await context.barrier(driver);
  assert.equal(replaced.count, seen, 'a poll that was answered left the waker of the one before');
}

/** The rules of what slots ask for, for descriptors and for sockets. */
export const readinessInterestRules = forBothParts((rule) => [
  rule('wakes', 'Data that arrives wakes the waiter, and its next poll is ready', wakes),
  rule(
    'earlier-event',
    'What held before the registration is found, and the first answer tells of all of it that was asked for',
    earlierEvent,
  ),
  rule(
    'interest-change',
    "Changing one slot's interest leaves the other slot's waiter to its event, and finds what holds already",
    interestChange,
  ),
  rule('independent-slots', 'Each slot is woken by its own events', independentSlots),
  rule('same-interest', 'One event wakes both slots if both ask for it', sameInterest),
  rule('latest-waker', 'The latest poll of a slot owns the wake', latestWaker),
]);
