import assert from 'node:assert/strict';
import { after, type Driver, InterestSlot, IORING_OP_NOP, nop, PollEvents, type Referenced } from '@polyring/core';
import { ready } from '../polling/ready.js';
import { turn } from '../polling/turn.js';
import { Wakes } from '../polling/wakes.js';
import type { Rule } from '../rule.js';
import type { RuleContext } from '../running/context.js';
import { changedSince, openDescriptors } from '../running/descriptors.js';
import { type Waitable, waitables } from '../waitables/object-waitables.js';
import { leavesDescriptors } from './leaves-descriptors.js';
import { ruleOf } from './rule-of.js';

const CLOSED = { code: 'ERR_POLYRING_CLOSED' };
const DISPOSED = { code: 'ERR_POLYRING_DISPOSED' };
const { Read } = InterestSlot;
const { IN } = PollEvents;

async function disposeTwice(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  for (const pending of [false, true]) {
    for (const { object, arm } of waitables(context.fixtures, driver)) {
      const wakes = new Wakes();
      if (pending) arm(wakes.waker);
      object[Symbol.dispose]();
      object[Symbol.dispose]();
      await context.barrier(driver);
      await leavesDescriptors(context, () => object[Symbol.dispose]());
      assert.equal(wakes.count, 0);
    }
  }
}

/** Objects of which each has told of an event, and would tell of one if it was polled. */
async function toldWaitables({ fixtures }: RuleContext, driver: Driver): Promise<Waitable[]> {
  const told = waitables(fixtures, driver);
  for (const { poll, raise } of told) {
    raise();
    await ready(poll);
    raise();
  }
  return told;
}

async function useAfterDispose(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  const idle = waitables(context.fixtures, driver);
  const pending = waitables(context.fixtures, driver);
  for (const { arm } of pending) arm(() => {});
  for (const { kind, object, poll } of [...idle, ...pending, ...(await toldWaitables(context, driver))]) {
    object[Symbol.dispose]();
    assert.throws(() => poll(() => {}), DISPOSED, `a ${kind} was polled after its disposal`);
  }
  const event = context.fixtures.eventfd();
  const [end] = context.fixtures.socketPair();
  const timer = driver.newDynTimer();
  const descriptor = driver.newDynFdReady(event.fd);
  const socket = driver.newDynSocketReady(end.fd);
  const wait = driver.newDynWait(event.fd, 8);
  for (const object of [timer, descriptor, socket, wait]) object[Symbol.dispose]();
  assert.throws(() => timer.setDeadline(after(1)), DISPOSED);
  assert.throws(() => descriptor.clearFdReady(Read), DISPOSED);
  assert.throws(() => socket.clearSocketReady(Read), DISPOSED);
  assert.throws(() => wait.pollCancelWait(() => {}), DISPOSED);
}

async function useAfterClose(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  const { fixtures } = context;
  const event = fixtures.eventfd();
  const [end, peer] = fixtures.socketPair();
  const made = [...waitables(fixtures, driver), ...(await toldWaitables(context, driver))];
  const timer = fixtures.keep(driver.newDynTimer());
  const descriptor = fixtures.keep(driver.newDynFdReady(event.fd));
  const socket = fixtures.keep(driver.newDynSocketReady(end.fd));
  const wait = fixtures.keep(driver.newDynWait(event.fd, 8));
  assert.equal(driver.closed, false);
  const closing = driver.close();
  for (const settle of [() => closing, turn]) {
    assert.equal(driver.closed, true);
    assert.equal(driver.ioUringProbe(IORING_OP_NOP), false, 'a closed driver probes true');
    assert.throws(() => driver.newDynTimer(), CLOSED);
    assert.throws(() => driver.newDynFdReady(event.fd), CLOSED);
    assert.throws(() => driver.newDynSocketReady(end.fd), CLOSED);
    assert.throws(() => driver.newDynWait(event.fd, 8), CLOSED);
    for (const { kind, poll } of made)
      assert.throws(() => poll(() => {}), CLOSED, `a ${kind} was polled after the close`);
    assert.throws(() => timer.setDeadline(after(1)), CLOSED);
    assert.throws(() => descriptor.clearFdReady(Read), CLOSED);
    assert.throws(() => socket.clearSocketReady(Read), CLOSED);
    assert.throws(() => wait.pollCancelWait(() => {}), CLOSED);
    await assert.rejects(driver.ioUringSubmit(nop()), CLOSED);
    await assert.rejects(driver.submitMany([nop()]), CLOSED);
    await assert.rejects(driver.submitLinked([nop()]), CLOSED);
    assert.throws(() => driver.multishot(nop()), CLOSED);
    assert.throws(() => driver.remoteHandle(() => {}), CLOSED);
    assert.throws(() => driver.allocate(16), CLOSED);
    await assert.rejects(driver.allocateAsync(16), CLOSED);
    await settle();
  }
  // Whatever it had the numbers of in the kernel, the next driver has now.
  const next = await context.createDriver();
  const descriptorOfNext = fixtures.keep(next.newDynFdReady(event.fd));
  const socketOfNext = fixtures.keep(next.newDynSocketReady(end.fd));
  const told = [
    ready((waker) => descriptorOfNext.pollFdReady(waker, Read, IN)),
    ready((waker) => socketOfNext.pollSocketReady(waker, Read, IN)),
  ];
  for (const { object } of made) object[Symbol.dispose]();
  for (const object of [timer, descriptor, socket, wait]) object[Symbol.dispose]();
  await context.barrier(next);
  event.signal();
  peer.write(Buffer.from('x'));
  context.waitingFor = () => 'events of a driver, when objects of a closed one had been disposed of';
  await Promise.all(told);
}

async function manyDrivers(context: RuleContext): Promise<void> {
  const event = context.fixtures.eventfd();
  const [end] = context.fixtures.socketPair();
  // Kept, so that the garbage collector does not give back what nobody disposes of.
  const kept: unknown[] = [];
  const baseline = openDescriptors();
  const { factory } = context.subject;
  for (let round = 0; round < 20; round += 1) {
    const drivers: Driver[] = Array.from({ length: 10 }, () => factory.create());
    for (const driver of drivers) {
      const timer = driver.newDynTimer();
      timer.pollTimer(() => {}, 1e9 as never);
      const descriptor = driver.newDynFdReady(event.fd);
      const socket = driver.newDynSocketReady(end.fd);
      const wait = driver.newDynWait(event.fd, 8);
      if (round % 4 < 2) {
        descriptor.pollFdReady(() => {}, Read, IN);
        socket.pollSocketReady(() => {}, Read, IN);
        wait.pollWait(() => {});
      }
      kept.push(timer, descriptor, socket, wait);
    }
    if (round % 2 === 0) await turn();
    await Promise.all(drivers.map((driver) => driver.close()));
  }
  for (let turns = 0; turns < 10; turns += 1) await turn();
  assert.deepEqual([changedSince(baseline), kept.length], [[], 800]);
}

async function twoDrivers(context: RuleContext): Promise<void> {
  const one = await context.createDriver();
  const other = await context.createDriver();
  const mine = waitables(context.fixtures, one);
  const theirs = waitables(context.fixtures, other);
  for (const { arm } of [...mine, ...theirs]) arm(() => {});
  one.unref();
  assert.equal(other.hasRef(), true, 'unreferencing one driver unreferenced the other');
  one.ref();
  const shared = context.fixtures.eventfd();
  const counted = context.fixtures.eventfd();
  context.fixtures.keep(one.newDynWait(counted.fd, 8)).pollWait(() => {});
  const waiting = context.fixtures.keep(other.newDynWait(counted.fd, 8));
  const over = ready((waker) => waiting.pollWait(waker));
  const closing = context.fixtures.keep(one.newDynFdReady(shared.fd));
  const staying = context.fixtures.keep(other.newDynFdReady(shared.fd));
  closing.pollFdReady(() => {}, Read, IN);
  const told = ready((waker) => staying.pollFdReady(waker, Read, IN));
  // Awaited later.
  for (const promise of [told, over]) promise.catch(() => {});
  await context.barrier(one);
  await one.close();
  shared.signal();
  context.waitingFor = () => 'an event of a descriptor that another driver had, which is closed';
  await told;
  counted.signal();
  context.waitingFor = () => 'a wait on a descriptor on which another driver waited, which is closed';
  await over;
  for (const { kind, arm, raise } of theirs) {
    const wakes = new Wakes();
    arm(wakes.waker);
    raise();
    context.waitingFor = () => `the wake of a ${kind} of a driver, when another one was closed`;
    await wakes.beyond(0);
  }
}

async function references(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  assert.equal(driver.hasRef(), true, 'a driver starts unreferenced');
  assert.equal(driver.unref(), driver);
  assert.equal(driver.hasRef(), false);
  assert.equal(driver.ref(), driver);
  assert.equal(driver.hasRef(), true);
  notCounted(driver);
  for (const { kind, object } of waitables(context.fixtures, driver)) {
    assert.equal(object.hasRef(), true, `a ${kind} starts unreferenced`);
    assert.equal(object.unref(), object);
    assert.equal(object.hasRef(), false);
    assert.equal(driver.hasRef(), true, `unreferencing a ${kind} unreferenced its driver`);
    assert.equal(object.ref(), object);
    assert.equal(object.hasRef(), true);
    notCounted(object);
  }
}

/** As with Node's handles, a second call of the same does nothing. */
function notCounted(referenced: Referenced): void {
  referenced.unref().unref().ref();
  assert.equal(referenced.hasRef(), true, 'two calls of unref take two calls of ref');
  referenced.ref().unref();
  assert.equal(referenced.hasRef(), false, 'two calls of ref take two calls of unref');
  referenced.ref();
}

async function bothSpeak(context: RuleContext): Promise<void> {
  for (const unreferenced of ['driver', 'object']) {
    const driver = await context.createDriver();
    if (unreferenced === 'driver') driver.unref();
    for (const { kind, object, arm, raise } of waitables(context.fixtures, driver)) {
      if (unreferenced === 'object') object.unref();
      const wakes = new Wakes();
      arm(wakes.waker);
      await turn();
      // A wake for nothing may have taken the waker: whoever is woken polls again.
      if (wakes.count > 0) arm(wakes.waker);
      const seen = wakes.count;
      raise();
      context.waitingFor = () => `the wake of a ${kind} whose ${unreferenced} is unreferenced`;
      await wakes.beyond(seen);
    }
    if (driver.supports.ioUring) assert.equal(await driver.ioUringSubmit(nop()), 0);
  }
}

async function ownName(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  assert.equal(driver.name, context.subject.factory.name, 'a driver has another name than its backend');
  await driver.close();
  assert.equal(driver.name, context.subject.factory.name, 'a driver that was closed has another name');
}

const rule = ruleOf('lifecycle', 'lifecycle');

/** The rules of what drivers and their objects are from their beginning to beyond their end. */
export const lifecycleRules: readonly Rule[] = [
  rule('own-name', 'A driver goes by the name of its backend', ownName),
  rule('dispose-twice', 'Disposing of an object twice is no error', disposeTwice),
  rule('use-after-dispose', 'Polling a disposed object throws ERR_POLYRING_DISPOSED', useAfterDispose),
  rule('use-after-close', 'A driver that closes refuses everything with ERR_POLYRING_CLOSED at once', useAfterClose),
  rule(
    'many-drivers',
    '200 drivers made and closed leave no descriptor, whatever of theirs was not disposed of',
    manyDrivers,
  ),
  rule('two-drivers', 'Two drivers of one thread are independent', twoDrivers),
  rule('references', 'ref, unref and hasRef answer as those of Node', references),
  rule(
    'unreferenced-wakes',
    'An unreferenced driver or object still wakes its waiters while the process lives',
    bothSpeak,
  ),
];
