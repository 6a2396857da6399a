import assert from 'node:assert/strict';
import { type Driver, InterestSlot, Pending, PollEvents } from '@polyring/core';
import type { EventFd } from '../fixtures/event-fd.js';
import { reopen } from '../fixtures/reopen.js';
import { assertQuiet } from '../polling/quiet.js';
import { ready } from '../polling/ready.js';
import { Wakes } from '../polling/wakes.js';
import type { Rule } from '../rule.js';
import type { RuleContext } from '../running/context.js';
import { ruleOf } from './rule-of.js';

async function disposed(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  for (const settle of [async () => {}, () => context.barrier(driver)]) {
    const event = context.fixtures.eventfd();
    const wait = driver.newDynWait(event.fd, 8);
    const wakes = new Wakes();
    assert.equal(wait.pollWait(wakes.waker), Pending);
    await settle();
    const seen = wakes.count;
    wait[Symbol.dispose]();
    event.signal();
    await context.barrier(driver);
    assert.equal(wakes.count, seen, 'a disposed wait called its waker');
    assert.equal(event.take(), 1n, 'a disposed wait consumed a signal that came later');
    await disposedInCancel(context, driver);
  }
  await othersGoOn(context, [driver, await context.createDriver()]);
  await closedFirst(context, driver);
}

/** Nobody is told any more that a cancel is over. */
async function disposedInCancel(context: RuleContext, driver: Driver): Promise<void> {
  const event = context.fixtures.eventfd();
  const wait = driver.newDynWait(event.fd, 8);
  assert.equal(wait.pollWait(new Wakes().waker), Pending);
  await context.barrier(driver);
  const wakes = new Wakes();
  wait.pollCancelWait(wakes.waker);
  wait[Symbol.dispose]();
  event.signal();
  await context.barrier(driver);
  assert.equal(wakes.count, 0, 'a wait that was disposed of told of its cancel');
  assert.equal(event.take(), 1n, 'a disposed wait consumed a signal that came later');
}

async function quietAfterDisposal(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  const { fixtures } = context;
  for (const isClosed of [false, true]) {
    const event = fixtures.eventfd();
    const watched = fixtures.dup(event);
    const wait = driver.newDynWait(watched.fd, 8);
    assert.equal(wait.pollWait(new Wakes().waker), Pending);
    await context.barrier(driver);
    wait[Symbol.dispose]();
    if (isClosed) watched.close();
    await assertQuiet(fixtures, event.fd, () => event.take());
  }
}

/** What waits for the signal of an eventfd, and when it was told. */
interface Watch {
  readonly object: Disposable;
  readonly told: Promise<unknown>;
}

const WATCHES = {
  wait: (driver: Driver, { fd }: EventFd): Watch => {
    const object = driver.newDynWait(fd, 8);
    return { object, told: ready((waker) => object.pollWait(waker)) };
  },
  registration: (driver: Driver, { fd }: EventFd): Watch => {
    const object = driver.newDynFdReady(fd);
    return { object, told: ready((waker) => object.pollFdReady(waker, InterestSlot.Read, PollEvents.IN)) };
  },
} as const;

/** Which of two on one descriptor is disposed of, and which one goes on. Two registrations are a matter of readiness. */
const PAIRS = [
  ['wait', 'wait'],
  ['wait', 'registration'],
  ['registration', 'wait'],
] as const;

/** Others wait on the same descriptor, of the same driver or of another, and are told. */
async function othersGoOn(context: RuleContext, drivers: readonly [Driver, Driver]): Promise<void> {
  for (const [gone, stays] of PAIRS) {
    for (const other of drivers) {
      const event = context.fixtures.eventfd();
      const first = WATCHES[gone](drivers[0], event);
      const second = WATCHES[stays](other, event);
      context.fixtures.keep(second.object);
      for (const driver of drivers) await context.barrier(driver);
      first.object[Symbol.dispose]();
      event.signal();
      context.waitingFor = () => `a ${stays}, when a ${gone} on its descriptor was disposed of`;
      await second.told;
    }
  }
}

/** The number of a wait's descriptor has another file and another wait by the time that the first one is disposed of. */
async function closedFirst(context: RuleContext, driver: Driver): Promise<void> {
  const { fixtures } = context;
  const closed = fixtures.eventfd();
  // Keeps the file open behind the number that is closed.
  fixtures.dup(closed);
  const stale = driver.newDynWait(closed.fd, 8);
  assert.equal(stale.pollWait(new Wakes().waker), Pending);
  await context.barrier(driver);
  closed.close();
  const event = reopen(closed, () => fixtures.eventfd());
  const { object, told } = WATCHES.wait(driver, event);
  fixtures.keep(object);
  await context.barrier(driver);
  stale[Symbol.dispose]();
  await context.barrier(driver);
  event.signal();
  context.waitingFor = () => 'a wait, when one of its number whose descriptor was closed was disposed of';
  await told;
}

const rule = ruleOf('wait', 'waits');

/** The rules of waits that are disposed of. */
export const waitDisposalRules: readonly Rule[] = [
  rule(
    'dispose-pending',
    'A wait disposed of while pending consumes no signal that comes later, and leaves others theirs',
    disposed,
  ),
  rule(
    'disposed-is-quiet',
    'What happens to a descriptor whose wait was disposed of does not wake the loop',
    quietAfterDisposal,
  ),
];
