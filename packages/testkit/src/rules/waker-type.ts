import assert from 'node:assert/strict';
import { after, type Instant, Pending, type Waker } from '@polyring/core';
import { ready } from '../polling/ready.js';
import { Wakes } from '../polling/wakes.js';
import type { Rule } from '../rule.js';
import type { RuleContext } from '../running/context.js';
import { NO_FUNCTIONS, refuses } from './refusals.js';
import { ruleOf } from './rule-of.js';

const HOUR = 3_600_000;

/** Holds a poll to refuse what is no function where the waker is to be. */
export function refusesNoWakers(poll: (waker: Waker) => unknown): void {
  refuses('a poll with waker', NO_FUNCTIONS, 'ERR_INVALID_ARG_TYPE', poll);
}

async function timersRefuse(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  using timer = driver.newDynTimer();
  const refusesAll = (deadline?: Instant): void => refusesNoWakers((none) => timer.pollTimer(none, deadline));
  refusesAll();
  const wakes = new Wakes();
  assert.equal(timer.pollTimer(wakes.waker, after(HOUR)), Pending);
  refusesAll();
  refusesAll(after(-1));
  assert.equal(timer.pollTimer(wakes.waker), Pending, 'a poll that was refused set the deadline');
  refusesAll();
  timer.setDeadline(after(-1));
  context.waitingFor = () => 'the waiter of the poll before those that were refused';
  await wakes.beyond(0);
}

async function waitsRefuse(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  const event = context.fixtures.eventfd();
  using wait = driver.newDynWait(event.fd, 8);
  const refusesAll = (): void => {
    refusesNoWakers((none) => wait.pollWait(none));
    refusesNoWakers((none) => wait.pollCancelWait(none));
  };
  const wakes = new Wakes();
  event.signal();
  refusesAll();
  assert.equal(wait.pollCancelWait(wakes.waker), false, 'a poll that was refused began a wait');
  assert.equal(event.take(), 1n, 'a poll that was refused consumed a signal');
  assert.equal(wait.pollWait(wakes.waker), Pending);
  refusesAll();
  event.signal();
  context.waitingFor = () => 'the waiter of the poll before those that were refused';
  await wakes.beyond(0);
  refusesAll();
  await ready((waker) => wait.pollWait(waker));
  assert.equal(wait.pollWait(wakes.waker), Pending);
  const cancelled = ready((waker) => wait.pollCancelWait(waker));
  refusesAll();
  context.waitingFor = () => 'the cancel before those that were refused';
  assert.equal(await cancelled, false);
}

/** The rules of what timers and waits take for a waker. */
export const wakerTypeRules: readonly Rule[] = [
  ruleOf('timer', 'timers')(
    'waker-type',
    'What is no waker is refused by a timer, due or not, and changes nothing',
    timersRefuse,
  ),
  ruleOf('wait', 'waits')(
    'waker-type',
    'What is no waker is refused by a poll and a cancel, and neither begins nor ends a wait',
    waitsRefuse,
  ),
];
