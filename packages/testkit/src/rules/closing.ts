import assert from 'node:assert/strict';
import { after, type Driver, Pending, read } from '@polyring/core';
import { turn } from '../polling/turn.js';
import { Wakes } from '../polling/wakes.js';
import type { Rule } from '../rule.js';
import type { RuleContext } from '../running/context.js';
import { allWaitables, waitables } from '../waitables/object-waitables.js';
import { leavesDescriptors } from './leaves-descriptors.js';
import { ruleOf } from './rule-of.js';

const CLOSED = { code: 'ERR_POLYRING_CLOSED' };
const LEFT = 'ERR_POLYRING_CLOSE_TIMEOUT';
const HOUR = 3_600_000;

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

const rule = ruleOf('lifecycle', 'lifecycle');

/** The rules of how a driver closes. */
export const closingRules: readonly Rule[] = [
  rule('close-wakes', 'Closing wakes every waiter, and its poll throws ERR_POLYRING_CLOSED', closeWakes),
  rule('close-twice', 'Every call of close gives the same end, and disposing of a driver closes it', closeTwice),
  rule('close-in-flight', 'Closing with 100 operations in flight settles each of them once', closeInFlight),
  rule(
    'close-timeout',
    'Closing settles everything within its time limit, and says so if it left something',
    closeTimeout,
  ),
  rule('close-in-waker', 'A driver can be closed inside its own wakers', closeInWaker),
];
