import assert from 'node:assert/strict';
import {
  type Driver,
  IORING_OP_MSG_RING,
  IORING_OP_POLL_ADD,
  PollEvents,
  pollMultishot,
  type Remote,
  type RemoteHandle,
} from '@polyring/core';
import type { Rule } from '../rule.js';
import type { RuleContext } from '../running/context.js';
import { changedSince, openDescriptors } from '../running/descriptors.js';
import { NO_OPTIONAL_NUMBERS, rejects } from './refusals.js';
import { ruleOf } from './rule-of.js';

const GONE = { code: 'ERR_POLYRING_REMOTE_GONE' };
const SECTION = 'waking-other-threads';

/** Values that arrive, and a way to wait for so many of them. */
class Arrivals {
  readonly values: number[] = [];
  #arrived: () => void = () => {};

  readonly listener = (value: number): void => {
    this.values.push(value);
    this.#arrived();
  };

  async atLeast(count: number): Promise<void> {
    while (this.values.length < count) {
      await new Promise<void>((resolve) => {
        this.#arrived = resolve;
      });
    }
  }
}

async function arrive(context: RuleContext): Promise<void> {
  const driver = await context.createDriver({ entries: 8, completionEntries: 16 });
  const arrivals = new Arrivals();
  const inbox = driver.remoteHandle(arrivals.listener);
  const count = 2000;
  const threads = [0, 1].map(() => context.fixtures.worker('wake', { handle: inbox, count }));
  await arrivals.atLeast(2 * count);
  for (const thread of threads) assert.equal(await thread.exit(), 0, String(thread.error));
  await context.barrier(driver);
  assert.equal(arrivals.values.length, 2 * count, 'a wake arrived twice');
  const expected = [0, 0];
  for (const value of arrivals.values) {
    const sender = expected.indexOf(value);
    assert.ok(sender >= 0, `${value} came, and ${expected.join(' or ')} was next`);
    expected[sender] = value + 1;
  }
  inbox[Symbol.dispose]();
}

async function keepsThreadAlive(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  const thread = context.fixtures.worker('listen');
  const remote = driver.ioUring.remote((await thread.message()) as RemoteHandle);
  for (const value of [0, -5, 2 ** 31 - 1, -(2 ** 31)]) {
    const echo = thread.message();
    await remote.wake(value);
    assert.equal(await echo, value);
  }
  await remote.wake(1).catch(() => {});
  assert.equal(await thread.exit(), 0, 'an inbox that was disposed of keeps its thread alive');
  await assert.rejects(remote.wake(), GONE);
}

/** Holds a way to an inbox that has gone, and a handle of it, to reach nobody. */
async function isGone(driver: Driver, remote: Remote, handle: RemoteHandle): Promise<void> {
  await assert.rejects(remote.wake(), GONE);
  assert.throws(() => driver.ioUring.remote(handle), GONE);
}

async function goneInboxes(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  const arrivals = new Arrivals();
  const inbox = driver.remoteHandle(arrivals.listener);
  const own = driver.ioUring.remote(inbox);
  await own.wake(3);
  await arrivals.atLeast(1);
  const late = assert.rejects(own.wake(), GONE);
  inbox[Symbol.dispose]();
  inbox[Symbol.dispose]();
  await late;
  await isGone(driver, own, inbox);
  await context.barrier(driver);
  assert.deepEqual(arrivals.values, [3], 'a wake reached an inbox that was disposed of');

  const once: number[] = [];
  const short = driver.remoteHandle((value) => {
    once.push(value);
    short[Symbol.dispose]();
  });
  const toShort = driver.ioUring.remote(short);
  await Promise.allSettled([toShort.wake(1), toShort.wake(2)]);
  await context.barrier(driver);
  assert.deepEqual(once, [1], 'a wake reached an inbox that its listener had disposed of');

  const closing = await context.createDriver();
  const handle = structuredClone(closing.remoteHandle(arrivals.listener) as RemoteHandle);
  const closed = driver.ioUring.remote(handle);
  await closing.close();
  // Their rings may get the descriptor numbers of the one that was closed.
  const successors = [await context.createDriver(), await context.createDriver()];
  for (const successor of successors) successor.remoteHandle(arrivals.listener);
  await isGone(driver, closed, handle);
  for (const successor of successors) await context.barrier(successor);
  assert.deepEqual(arrivals.values, [3], 'a wake reached the inbox of another driver');

  const thread = context.fixtures.worker('listen');
  const theirs = (await thread.message()) as RemoteHandle;
  const terminated = driver.ioUring.remote(theirs);
  await terminated.wake(7);
  await thread.terminate();
  await isGone(driver, terminated, theirs);
}

async function leavesNothing(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  const other = await context.createDriver();
  const arrivals = new Arrivals();
  const inbox = driver.remoteHandle(arrivals.listener);
  const baseline = openDescriptors();
  const remote = driver.ioUring.remote(inbox);
  const onItsWay = remote.wake(5);
  remote[Symbol.dispose]();
  remote[Symbol.dispose]();
  await onItsWay;
  await arrivals.atLeast(1);
  await assert.rejects(remote.wake(), { code: 'ERR_POLYRING_DISPOSED' });
  assert.deepEqual(changedSince(baseline), [], 'a remote that was disposed of left a descriptor');
  const left = other.ioUring.remote(inbox);
  await other.close();
  await assert.rejects(left.wake(), { code: 'ERR_POLYRING_CLOSED' });
  const open = changedSince(baseline).filter((change) => change.endsWith('left open'));
  assert.deepEqual(open, [], 'a driver that was closed left the descriptor of a remote');
}

async function throwingListener(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  const caught = context.expectUncaught();
  const arrivals = new Arrivals();
  const thrown = new Error('thrown by a listener');
  const inbox = driver.remoteHandle((value) => {
    arrivals.listener(value);
    if (value === 0) throw thrown;
  });
  const remote = driver.ioUring.remote(inbox);
  await Promise.all([remote.wake(0), remote.wake(1), remote.wake(2)]);
  await arrivals.atLeast(3);
  await context.barrier(driver);
  assert.deepEqual(arrivals.values, [0, 1, 2]);
  assert.deepEqual(caught, [thrown], 'uncaughtException did not see what a listener threw, once');
}

async function lateWake(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  const sender = await context.createDriver();
  const [end, peer] = context.fixtures.socketPair();
  const arrivals = new Arrivals();
  const inbox = driver.remoteHandle(arrivals.listener);
  await sender.ioUring.remote(inbox).wake(1);
  // The wake stands in the ring, and the loop has not come to it.
  inbox[Symbol.dispose]();
  const events = driver.multishot(pollMultishot(end.fd, PollEvents.IN | PollEvents.RDHUP));
  let hasCome = false;
  const next = events.next().then(({ value }) => {
    hasCome = true;
    return value?.result;
  });
  await context.barrier(driver);
  assert.equal(hasCome, false, 'a wake came to an operation that has nothing to do with it');
  peer.close();
  assert.ok(((await next) ?? 0) & PollEvents.RDHUP);
  await events.return();
  assert.equal(arrivals.values.length, 0, 'a wake came to an inbox that had gone');
}

async function badArguments(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  assert.throws(() => driver.remoteHandle(1 as never), { code: 'ERR_INVALID_ARG_TYPE' });
  assert.throws(() => driver.ioUring.remote({} as never), { code: 'ERR_INVALID_ARG_TYPE' });
  const inbox = driver.remoteHandle(() => {});
  const remote = driver.ioUring.remote(inbox);
  for (const value of [2 ** 31, 1.5]) await assert.rejects(remote.wake(value), { code: 'ERR_OUT_OF_RANGE' });
  await rejects('value', NO_OPTIONAL_NUMBERS, 'ERR_INVALID_ARG_TYPE', (value: number) => remote.wake(value));
  assert.equal(inbox.hasRef(), true);
  assert.equal(inbox.unref().hasRef(), false);
  assert.equal(inbox.ref().hasRef(), true);
}

async function unsupported(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  assert.throws(() => driver.remoteHandle(() => {}), { code: 'ERR_POLYRING_UNSUPPORTED' });
}

const rule = ruleOf('remote', SECTION, {
  needs: 'ioUring',
  opcodes: [IORING_OP_MSG_RING],
  features: ['remoteHandle'],
  timeLimit: 20_000,
});
const withoutRing = ruleOf('remote', SECTION, { unless: 'ioUring' });

/** The rules of waking the drivers of other threads. */
export const remoteRules: readonly Rule[] = [
  rule('arrive', 'Wakes of other threads arrive once each and in order, more than the completion queue holds', arrive),
  rule('keep-alive', 'An inbox keeps its thread alive until it is disposed of, and gets every value', keepsThreadAlive),
  rule('gone', 'An inbox that has gone, however it went, is reached by nobody, and that is told', goneInboxes),
  rule('late-wake', 'A wake on its way to an inbox that goes reaches no other operation', lateWake, {
    opcodes: [IORING_OP_MSG_RING, IORING_OP_POLL_ADD],
    features: ['remoteHandle', 'pollMultishot'],
  }),
  rule('leave-nothing', 'Remotes leave no descriptor, and a wake on its way arrives all the same', leavesNothing),
  rule('throwing-listener', 'What a listener throws is uncaught, and later wakes arrive', throwingListener),
  rule('arguments', 'What is no listener, no handle and no value is refused; ref and unref answer', badArguments),
  withoutRing('unsupported', 'A driver without a ring refuses inboxes with ERR_POLYRING_UNSUPPORTED', unsupported),
];
