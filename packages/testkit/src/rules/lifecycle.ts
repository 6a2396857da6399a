import assert from 'node:assert/strict';
import {
  after,
  type Driver,
  InterestSlot,
  IORING_OP_NOP,
  nop,
  Pending,
  PollEvents,
  type Referenced,
  read,
} from '@polyring/core';
import { ready } from '../polling/ready.js';
import { turn } from '../polling/turn.js';
import { Wakes } from '../polling/wakes.js';
import type { Rule } from '../rule.js';
import type { RuleContext } from '../running/context.js';
import { changedSince, openDescriptors } from '../running/descriptors.js';
import { allWaitables, type Waitable, waitables } from '../waitables/object-waitables.js';
import { ruleOf } from './rule-of.js';

const CLOSED = { code: 'ERR_POLYRING_CLOSED' };
const LEFT = 'ERR_POLYRING_CLOSE_TIMEOUT';
const HOUR = 3_600_000;
/** More descriptors than a driver or an object has of its own. */
const NUMBERS = 20;
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

/** How many of the objects that a close wakes are unreferenced: one of each kind. */
const SOME = 4;

async function closeWakes(context: RuleContext): Promise<void> {
  for (const referenced of [true, false]) {
    const driver = await context.createDriver();
    if (!referenced) driver.unref();
    await wakesEvery(context, driver, () => driver.close());
  }
  await closeWakesCancel(context);
}

/** Holds an end of a driver to wake all who wait before it is over. */
async function wakesEvery(context: RuleContext, driver: Driver, close: () => PromiseLike<void>): Promise<void> {
  const { fixtures } = context;
  const pending = [...waitables(fixtures, driver), ...allWaitables(fixtures, driver)].map((waitable) => {
    const { kind, poll } = waitable;
    const wakes = new Wakes();
    const waker = (): void => {
      wakes.waker();
      if (driver.closed)
        assert.throws(() => poll(() => {}), CLOSED, `a ${kind} was polled as the close woke its waiter`);
    };
    return { ...waitable, wakes, waker };
  });
  for (const { arm, waker } of pending) arm(waker);
  for (const { object } of pending.slice(0, SOME)) object.unref();
  context.waitingFor = undefined;
  await context.barrier(driver);
  // A wake for nothing may have taken the waker: whoever is woken polls again.
  for (const { arm, wakes, waker } of pending) if (wakes.count > 0) arm(waker);
  const seen = pending.map(({ wakes }) => wakes.count);
  const closing = close();
  const called = pending.map(({ wakes }) => wakes.count);
  assert.deepEqual(called, seen, 'close ran a waker before it returned');
  context.waitingFor = () => 'the end of the close';
  await closing;
  for (const [index, { kind, poll, wakes }] of pending.entries()) {
    assert.ok(wakes.count > (seen[index] ?? 0), `the close was over, and had not woken the waiter of a ${kind}`);
    assert.throws(() => poll(() => {}), CLOSED, `a ${kind} was polled after the close`);
  }
}

/** Who waits for the end of a cancel is woken as well. A backend may cancel at once, and then nobody waits. */
async function closeWakesCancel(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  const wait = context.fixtures.keep(driver.newDynWait(context.fixtures.eventfd().fd, 8));
  assert.equal(
    wait.pollWait(() => {}),
    Pending,
  );
  await context.barrier(driver);
  const wakes = new Wakes();
  const answer = wait.pollCancelWait(wakes.waker);
  await driver.close();
  if (answer === Pending) assert.ok(wakes.count > 0, 'the close was over, and had not woken who waits for a cancel');
  assert.throws(() => wait.pollCancelWait(() => {}), CLOSED);
}

/** What ends a driver again that has begun to close. */
const AGAIN: readonly ((driver: Driver) => PromiseLike<void>)[] = [
  (driver) => driver.close(),
  (driver) => driver[Symbol.asyncDispose](),
];

async function closeTwice(context: RuleContext): Promise<void> {
  for (const again of AGAIN) {
    for (const holds of [wakesEvery, settlesEvery]) {
      const driver = await context.createDriver();
      await holds(context, driver, () => {
        void driver.close();
        return again(driver);
      });
    }
  }
  const driver = await context.createDriver();
  await wakesEvery(context, driver, () => driver[Symbol.asyncDispose]());
  assert.equal(driver.closed, true, 'disposing of a driver did not close it');
  for (const again of AGAIN) await leavesDescriptors(context, () => again(driver));
}

/** Holds a repeated end to leave the descriptors that have the numbers now which the first has freed. */
async function leavesDescriptors({ fixtures }: RuleContext, again: () => unknown): Promise<void> {
  await turn();
  fixtures.eventfds(NUMBERS);
  const open = openDescriptors();
  await again();
  assert.deepEqual(changedSince(open), [], 'it closed a descriptor of somebody else');
}

/** Microtasks that the reactions of a settled promise may take. */
const REACTION_HOPS = 10;

/** Resolves when the reactions of settled promises have run. The loop does not turn meanwhile. */
async function reactions(): Promise<void> {
  for (let hop = 0; hop < REACTION_HOPS; hop += 1) await undefined;
}

async function closeInFlight(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  await settlesEvery(context, driver, () => driver.close());
}

/** Holds an end of a driver to settle 100 operations in flight before it is over. */
async function settlesEvery(context: RuleContext, driver: Driver, close: () => PromiseLike<void>): Promise<void> {
  const { fixtures } = context;
  const events = fixtures.eventfds(100);
  const wakes = events.map(({ fd }) => {
    const wait = fixtures.keep(driver.newDynWait(fd, 8));
    const each = new Wakes();
    assert.equal(wait.pollWait(each.waker), Pending);
    return each;
  });
  const pipes = driver.supports.ioUring ? Array.from({ length: 100 }, () => fixtures.pipe({ nonblock: false })) : [];
  const ends = new Map<number, number>();
  const reads = pipes.map(({ reader }, index) => {
    const count = (): void => void ends.set(index, (ends.get(index) ?? 0) + 1);
    const reading = driver.ioUringSubmit(read(reader.fd, Buffer.alloc(1)));
    reading.then(count, count);
    return assert.rejects(reading, ({ code }) => ['ECANCELED', 'ERR_POLYRING_CLOSED'].includes(code));
  });
  await context.barrier(driver);
  await close();
  await reactions();
  assert.equal(ends.size, reads.length, 'close was over before every promise had settled');
  await Promise.all(reads);
  for (const count of ends.values()) assert.equal(count, 1);
  for (const each of wakes) assert.ok(each.count > 0, 'a waiter was not told that the driver closed');
  for (const event of events) {
    event.signal();
    assert.equal(event.take(), 1n, 'a closed driver consumed a signal');
  }
}

/** How a promise ended: undefined if it was fulfilled, and otherwise the code of its error. */
function codeOf(promise: Promise<unknown>): Promise<string | undefined> {
  return promise.then(
    () => undefined,
    ({ code }: NodeJS.ErrnoException) => code,
  );
}

async function closeTimeout(context: RuleContext): Promise<void> {
  const { reader, writer } = context.fixtures.pipe({ nonblock: false });
  // Not the context's, which holds its drivers to ending well.
  const driver = context.subject.factory.create({ closeTimeout: Math.ceil(100 * context.scale) });
  const wakes = new Wakes();
  const timer = driver.newDynTimer();
  timer.setDeadline(after(HOUR));
  timer.pollTimer(wakes.waker);
  const reads = driver.supports.ioUring
    ? Array.from({ length: 100 }, () => codeOf(driver.ioUringSubmit(read(reader.fd, Buffer.alloc(1)))))
    : [];
  await turn();
  const end = await codeOf(driver.close());
  const ends = await Promise.all(reads);
  const further = await Promise.all([codeOf(driver.close()), codeOf(Promise.resolve(driver[Symbol.asyncDispose]()))]);
  assert.deepEqual(further, [end, end], 'a further call of close has another end than the first one');
  assert.ok(wakes.count > 0, 'a timer was not woken by the end of its driver');
  const left = ends.filter((each) => each !== 'ECANCELED' && each !== CLOSED.code);
  // What the kernel let go of before the time was over ends as at any close.
  assert.deepEqual(
    [...new Set([end, ...left])],
    left.length > 0 ? [LEFT] : [undefined],
    'the end of the driver and of what it left differ',
  );
  writer.close();
}

/** The kinds of objects whose events come before the close, one of whose wakers calls it. */
const CLOSERS = [['timer'], ['descriptor'], ['socket'], ['wait'], ['descriptor', 'socket', 'wait']];

async function closeInWaker(context: RuleContext): Promise<void> {
  for (const closers of CLOSERS) await closeInWakerOf(context, closers);
}

async function closeInWakerOf(context: RuleContext, closers: readonly string[]): Promise<void> {
  const driver = await context.createDriver();
  const all = [...waitables(context.fixtures, driver), ...waitables(context.fixtures, driver)];
  const asleep = new Set(all);
  let raised = false;
  const closed = new Promise<void>((resolve, reject) => {
    for (const waitable of all) {
      const close = (): void => {
        if (raised) {
          asleep.delete(waitable);
          void driver.close().then(resolve, reject);
        } else {
          waitable.arm(close);
        }
      };
      waitable.arm(close);
    }
  });
  context.waitingFor = undefined;
  await context.barrier(driver);
  raised = true;
  for (const { raise, kind } of all) if (closers.includes(kind)) raise();
  context.waitingFor = () => `a close in the waker of a ${closers.join(' or a ')}`;
  await closed;
  const left = [...asleep].map(({ kind }) => kind);
  assert.deepEqual(left, [], 'a close inside a waker left others asleep');
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
  const closing = context.fixtures.keep(one.newDynFdReady(shared.fd));
  const staying = context.fixtures.keep(other.newDynFdReady(shared.fd));
  closing.pollFdReady(() => {}, Read, IN);
  const told = ready((waker) => staying.pollFdReady(waker, Read, IN));
  // Awaited later.
  told.catch(() => {});
  await context.barrier(one);
  await one.close();
  shared.signal();
  context.waitingFor = () => 'an event of a descriptor that another driver had, which is closed';
  await told;
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

/** The rules of how drivers and their objects end. */
export const lifecycleRules: readonly Rule[] = [
  rule('own-name', 'A driver goes by the name of its backend', ownName),
  rule('dispose-twice', 'Disposing of an object twice is no error', disposeTwice),
  rule('use-after-dispose', 'Polling a disposed object throws ERR_POLYRING_DISPOSED', useAfterDispose),
  rule('use-after-close', 'A driver that closes refuses everything with ERR_POLYRING_CLOSED at once', useAfterClose),
  rule('close-wakes', 'Closing wakes every waiter, and its poll throws ERR_POLYRING_CLOSED', closeWakes),
  rule('close-twice', 'Every call of close gives the same end, and disposing of a driver closes it', closeTwice),
  rule('close-in-flight', 'Closing with 100 operations in flight settles each of them once', closeInFlight),
  rule(
    'close-timeout',
    'Closing settles everything within its time limit, and says so if it left something',
    closeTimeout,
  ),
  rule('close-in-waker', 'A driver can be closed inside its own wakers', closeInWaker),
  rule(
    'many-drivers',
    '200 drivers made and closed leave no descriptor, whatever of theirs was not disposed of',
    manyDrivers,
  ),
  rule('two-drivers', 'Two drivers of one thread are independent', twoDrivers),
  rule('references', 'ref, unref and hasRef answer as those of Node', references),
  rule('unreferenced-wakes', 'An unreferenced driver still wakes its waiters while the process lives', bothSpeak),
];
