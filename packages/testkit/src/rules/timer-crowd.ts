import assert from 'node:assert/strict';
import { after, type Instant, now, Pending, type PollTimer } from '@polyring/core';
import { ready } from '../polling/ready.js';
import { turn } from '../polling/turn.js';
import { Wakes } from '../polling/wakes.js';
import type { Rule } from '../rule.js';
import type { RuleContext } from '../running/context.js';
import { ruleOf } from './rule-of.js';

const HOUR = 3_600_000;
const TIMERS = 120;
/** So that some timers have the same deadline. */
const DEADLINES = 12;
const APART = 0.2;

/** So many that a mistake in their order shows. Deadlines are so far apart in milliseconds that the loop sleeps between. */
const MOVED = 400;
const MOVED_DEADLINES = 60;
const MOVED_APART = 10;
const DISPOSED_OF = 20;

/** What becomes of a timer that is pending. */
const FATES = ['disposed of', 'moved away', 'moved to Infinity', 'moved nearer', 'left alone'] as const;

interface Member {
  readonly timer: PollTimer;
  readonly wakes: Wakes;
  readonly fate: (typeof FATES)[number];
  /** Whether it was pending when it was made. On a slow machine its deadline may have passed by then. */
  readonly pending: boolean;
  deadline: Instant;
}

async function independent(context: RuleContext): Promise<void> {
  for (const settle of [async () => {}, turn]) {
    const members = await crowd(context);
    await settle();
    const silent = new Map<Member, number>();
    for (const member of members) {
      meetFate(member);
      if (member.fate === 'disposed of') silent.set(member, member.wakes.count);
    }
    const staying = members.filter(({ fate }) => fate === 'moved nearer' || fate === 'left alone');
    await Promise.all(staying.map(comesDue));
    for (const { timer, fate } of members) {
      if (fate !== 'moved away' && fate !== 'moved to Infinity') continue;
      assert.equal(timer.pollTimer(new Wakes().waker), Pending, 'a timer that was moved away has come');
    }
    for (const [{ wakes }, seen] of silent)
      assert.equal(wakes.count, seen, 'a timer that was disposed of woke its waiter');
  }
  await Promise.all([async () => {}, turn].map((settle) => movedAbout(context, settle)));
}

/** Timers that were moved in both directions, some of them disposed of as well, come in the order of their deadlines. */
async function movedAbout(context: RuleContext, settle: () => Promise<void>): Promise<void> {
  const driver = await context.createDriver();
  const start = after(100);
  const someDeadline = (): Instant => (start + MOVED_APART * context.random.integer(MOVED_DEADLINES)) as Instant;
  // On a slow machine the deadlines of some pass before they are polled.
  const pending = Array.from({ length: MOVED }, () => {
    return { timer: context.fixtures.keep(driver.newDynTimer()), wakes: new Wakes(), deadline: someDeadline() };
  }).filter(({ timer, wakes, deadline }) => timer.pollTimer(wakes.waker, deadline) === Pending);
  await settle();
  for (const moved of pending) {
    moved.deadline = someDeadline();
    moved.timer.setDeadline(moved.deadline);
  }
  for (const { timer } of pending.splice(0, DISPOSED_OF)) timer[Symbol.dispose]();
  // Nor does one wait that has come before it was moved.
  const asleep = new Set(pending.filter(({ wakes }) => wakes.count === 0));
  let overtaken = 0;
  const come = async (moved: (typeof pending)[number]): Promise<void> => {
    await moved.wakes.beyond(0);
    await ready((waker) => moved.timer.pollTimer(waker));
    asleep.delete(moved);
    await turn();
    for (const { deadline } of asleep) if (deadline < moved.deadline) overtaken += 1;
  };
  await Promise.all([...asleep].map(come));
  assert.equal(overtaken, 0, 'timers that had been moved were overtaken by ones with a later deadline');
}

/** Timers of a driver in no order, several of each deadline. */
async function crowd(context: RuleContext): Promise<Member[]> {
  const driver = await context.createDriver();
  const start = after(10);
  const numbers = context.random.shuffled(Array.from({ length: TIMERS }, (_, index) => index));
  return numbers.map((number) => {
    const timer = context.fixtures.keep(driver.newDynTimer());
    const wakes = new Wakes();
    const deadline = (start + APART * (number % DEADLINES)) as Instant;
    const pending = timer.pollTimer(wakes.waker, deadline) === Pending;
    const fate = FATES[Math.floor(number / DEADLINES) % FATES.length] ?? assert.fail();
    return { timer, wakes, fate, pending, deadline };
  });
}

function meetFate(member: Member): void {
  const { timer, fate } = member;
  if (fate === 'disposed of') timer[Symbol.dispose]();
  if (fate === 'moved away') member.deadline = after(HOUR);
  if (fate === 'moved to Infinity') member.deadline = Number.POSITIVE_INFINITY as Instant;
  if (fate === 'moved nearer') member.deadline = (member.deadline - 20 * APART) as Instant;
  if (fate.startsWith('moved')) timer.setDeadline(member.deadline);
}

/** Waits for the wake before it polls again. */
async function comesDue({ timer, wakes, fate, pending, deadline }: Member): Promise<void> {
  if (pending) await wakes.beyond(0);
  await ready((waker) => timer.pollTimer(waker));
  assert.ok(now() >= deadline, `a timer that was ${fate} is early`);
}

/** The rule of timers among others of their driver. */
export const timerCrowdRules: readonly Rule[] = [
  ruleOf('timer', 'timers')(
    'independent',
    'Of many timers, several of each deadline, the rest come when some are moved and disposed of',
    independent,
  ),
];
