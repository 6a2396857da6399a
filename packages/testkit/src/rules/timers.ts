import assert from 'node:assert/strict';
import { after, type Driver, type Instant, now, Pending, type PollTimer, type Waker } from '@polyring/core';
import { loopTurns } from '../polling/loop-turns.js';
import { ready } from '../polling/ready.js';
import { assertSleeps, sleep } from '../polling/sleep.js';
import { turn } from '../polling/turn.js';
import { Wakes } from '../polling/wakes.js';
import type { Rule } from '../rule.js';
import type { RuleContext } from '../running/context.js';
import { ruleOf } from './rule-of.js';

const HOUR = 3_600_000;
/** Milliseconds beyond what 31 and 32 bits hold, and what libuv and the kernel count in 64 bits of nanoseconds. */
const FAR = [2 ** 31 + HOUR, 2 ** 32 + HOUR, 2 ** 53, Number.MAX_VALUE];
const ALWAYS = Number.NEGATIVE_INFINITY as Instant;

/** Polls without a pause until the timer is ready, and holds it to its deadline. */
function spinPast(timer: PollTimer, deadline: Instant): void {
  const { waker } = new Wakes();
  let before = now();
  let answer = timer.pollTimer(waker, deadline);
  while (answer === Pending) {
    before = now();
    answer = timer.pollTimer(waker);
  }
  const time = now();
  assert.ok(time >= deadline, `ready ${deadline - time} ms before the deadline`);
  assert.ok(answer >= deadline, `the answer ${answer} is before the deadline ${deadline}`);
  assert.ok(answer >= before && answer <= time, `the answer ${answer} is not the time of the poll, ${time}`);
}

/** Leaves a timer pending for so many milliseconds, on a machine that may be slow to do even that. */
function pendFor(timer: PollTimer, waker: Waker, milliseconds: number): void {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    if (timer.pollTimer(waker, after(milliseconds)) === Pending) return;
  }
  assert.fail(`a timer of ${milliseconds} ms is ready at once`);
}

async function notEarly(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  using timer = driver.newDynTimer();
  for (const milliseconds of [0.05, 0.3, 0.999, 1, 1.7, 3, 4.25]) {
    spinPast(timer, after(milliseconds));
    const deadline = after(milliseconds);
    await ready((waker) => timer.pollTimer(waker, deadline));
    const time = now();
    assert.ok(time >= deadline, `ready ${deadline - time} ms before the deadline after a wake`);
    tellsTime(timer, time);
  }
}

/** Holds a timer whose deadline has passed to answer a poll with the time of that poll. */
function tellsTime(timer: PollTimer, before: Instant, deadline?: Instant): void {
  const answer = timer.pollTimer(new Wakes().waker, deadline);
  if (answer === Pending) assert.fail('pending after the deadline');
  assert.ok(answer >= before && answer <= now(), `the answer ${answer} is not the time of the poll, after ${before}`);
}

async function unset(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  using timer = driver.newDynTimer();
  tellsTime(timer, now());
}

async function past(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  using timer = driver.newDynTimer();
  for (const deadline of [after(-1), after(-1000), 0 as Instant, -1 as Instant, ALWAYS]) {
    tellsTime(timer, now(), deadline);
    const wakes = new Wakes();
    assert.equal(timer.pollTimer(wakes.waker, after(HOUR)), Pending);
    await turn();
    pollIfWoken(timer, wakes);
    const seen = wakes.count;
    timer.setDeadline(deadline);
    assert.equal(wakes.count, seen, 'setDeadline called the waker');
    await wakes.beyond(seen);
    assert.notEqual(timer.pollTimer(wakes.waker), Pending, 'pending after the deadline moved to the past');
  }
}

/** A wake for nothing may have taken the waker of a timer that is far from due. */
function pollIfWoken(timer: PollTimer, wakes: Wakes): void {
  if (wakes.count > 0) assert.equal(timer.pollTimer(wakes.waker), Pending);
}

/** Calls inside the waker of a timer. */
async function insideWaker(driver: Driver, action: () => void): Promise<void> {
  using timer = driver.newDynTimer();
  let called = false;
  await new Promise<void>((resolve) => {
    const waker = (): void => {
      if (!called) action();
      called = true;
      resolve();
    };
    pendFor(timer, waker, 1);
  });
}

/** When the deadline of a timer that is pending is moved. */
const MOMENTS: readonly ((driver: Driver, move: () => void) => Promise<void>)[] = [
  async (_driver, move) => move(),
  async (_driver, move) => {
    await turn();
    move();
  },
  insideWaker,
];

async function shorten(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  using timer = driver.newDynTimer();
  for (const from of [HOUR, ...FAR, Number.POSITIVE_INFINITY]) {
    for (const moment of MOMENTS) {
      const wakes = new Wakes();
      assert.equal(timer.pollTimer(wakes.waker, after(from)), Pending);
      let seen = 0;
      let deadline = after(HOUR);
      context.waitingFor = () => `a timer that was moved nearer from ${from} ms`;
      await moment(driver, () => {
        pollIfWoken(timer, wakes);
        seen = wakes.count;
        deadline = after(5);
        timer.setDeadline(deadline);
      });
      await wakes.beyond(seen);
      await ready((waker) => timer.pollTimer(waker));
      assert.ok(now() >= deadline, 'early after it was shortened');
    }
    assert.equal(timer.pollTimer(new Wakes().waker, after(from)), Pending);
    await turn();
    const deadline = after(5);
    context.waitingFor = () => `a timer that a poll moved nearer from ${from} ms`;
    await ready((waker) => timer.pollTimer(waker, deadline));
    assert.ok(now() >= deadline, 'early after a poll shortened it');
  }
}

async function lengthen(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  using timer = driver.newDynTimer();
  for (const settle of [async () => {}, turn]) {
    pendFor(timer, new Wakes().waker, 20);
    await settle();
    timer.setDeadline(after(HOUR));
    await sleep(driver, 30);
    const wakes = new Wakes();
    assert.equal(timer.pollTimer(wakes.waker), Pending, 'ready at the deadline that was replaced');
    const deadline = after(5);
    timer.setDeadline(deadline);
    await ready((waker) => timer.pollTimer(waker));
    assert.ok(now() >= deadline, 'early after it was lengthened and shortened');
  }
}

async function lengthenedFires(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  using timer = driver.newDynTimer();
  const wakes = new Wakes();
  pendFor(timer, wakes.waker, 20);
  await turn();
  // A wake for nothing may have taken the waker, or that of the deadline on a slow machine.
  if (wakes.count > 0) pendFor(timer, wakes.waker, 20);
  let seen = wakes.count;
  const deadline = after(30);
  timer.setDeadline(deadline);
  context.waitingFor = () => 'a timer that was moved further';
  do {
    await wakes.beyond(seen);
    seen = wakes.count;
  } while (timer.pollTimer(wakes.waker) === Pending);
  assert.ok(now() >= deadline, 'early after it was lengthened');
}

/** Loop turns per timer that are no spinning: what sets the timer, what fires it, and what else goes on. */
const TURNS_PER_TIMER = 20;

async function withoutSpinning(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  using timer = driver.newDynTimer();
  const rounds = 100;
  const turnsBefore = loopTurns();
  for (let round = 0; round < rounds; round += 1) {
    const deadline = after(0.4);
    await ready((waker) => timer.pollTimer(waker, deadline));
    assert.ok(now() >= deadline, 'early');
  }
  const turns = loopTurns() - turnsBefore;
  assert.ok(turns <= rounds * TURNS_PER_TIMER, `${turns} loop turns for ${rounds} timers of 0.4 ms`);
  await assertSleeps(driver, 300.4, 'a timer was pending');
}

async function resolution(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  using timer = driver.newDynTimer();
  const lateness: number[] = [];
  for (let round = 0; round < 101; round += 1) {
    const deadline = after(0.3);
    await ready((waker) => timer.pollTimer(waker, deadline));
    lateness.push(now() - deadline);
  }
  const median = lateness.sort((one, other) => one - other)[50] as number;
  assert.ok(median < 0.6 * context.scale, `half of the timers were ${median.toFixed(2)} ms late or later`);
}

async function order(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  const start = after(10);
  const waiting = new Set<Instant>();
  const checks: Promise<void>[] = [];
  let overtaken = 0;
  const deadlines = Array.from({ length: 1000 }, (_, index) => (start + index * 0.05) as Instant);
  const fired = context.random.shuffled(deadlines).map(async (deadline) => {
    const timer = context.fixtures.keep(driver.newDynTimer());
    const wakes = new Wakes();
    // While a busy machine still makes timers, the deadlines of some pass. Those wait for nothing, and overtake nobody.
    if (timer.pollTimer(wakes.waker, deadline) !== Pending) return;
    waiting.add(deadline);
    await wakes.beyond(0);
    await ready((waker) => timer.pollTimer(waker));
    waiting.delete(deadline);
    const check = turn().then(() => {
      for (const other of waiting) if (other < deadline) overtaken += 1;
    });
    checks.push(check);
  });
  await Promise.all(fired);
  await Promise.all(checks);
  assert.equal(overtaken, 0, 'timers were overtaken by ones with a later deadline');
}

async function disposePending(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  const due = new Wakes();
  const dueTimer = driver.newDynTimer();
  assert.equal(dueTimer.pollTimer(due.waker, after(HOUR)), Pending);
  await turn();
  const before = due.count;
  dueTimer.setDeadline(after(-1));
  dueTimer[Symbol.dispose]();
  const soon = new Wakes();
  const soonTimer = driver.newDynTimer();
  pendFor(soonTimer, soon.waker, 5);
  await turn();
  soonTimer[Symbol.dispose]();
  const seen = soon.count;
  await sleep(driver, 10);
  await context.barrier(driver);
  assert.equal(due.count, before, 'a timer that was due when it was disposed of called its waker');
  assert.equal(soon.count, seen, 'a timer disposed of before it was due called its waker');
}

async function latestWaker(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  using timer = driver.newDynTimer();
  const first = new Wakes();
  const second = new Wakes();
  assert.equal(timer.pollTimer(first.waker, after(HOUR)), Pending);
  await turn();
  assert.equal(timer.pollTimer(second.waker), Pending);
  const seen = first.count;
  timer.setDeadline(after(1));
  await second.beyond(0);
  assert.equal(first.count, seen, 'the waker that was replaced was called');
  await answeredAtOnce(context, driver);
}

/** A poll that is answered at once replaces the waiter before it as well, and nobody waits then. */
async function answeredAtOnce(context: RuleContext, driver: Driver): Promise<void> {
  using timer = driver.newDynTimer();
  const wakes = new Wakes();
  assert.equal(timer.pollTimer(wakes.waker, after(HOUR)), Pending);
  await context.barrier(driver);
  assert.notEqual(timer.pollTimer(wakes.waker, after(-1)), Pending);
  const seen = wakes.count;
  timer.setDeadline(after(1));
  await sleep(driver, 2);
  await context.barrier(driver);
  assert.equal(wakes.count, seen, 'a waiter was woken behind a poll that was answered at once');
}

async function infinite(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  using timer = driver.newDynTimer();
  const wakes = new Wakes();
  assert.equal(timer.pollTimer(wakes.waker, Number.POSITIVE_INFINITY as Instant), Pending);
  await sleep(driver, 2);
  assert.equal(timer.pollTimer(wakes.waker), Pending, 'a deadline of Infinity has come');
  timer.setDeadline(after(1));
  await ready((waker) => timer.pollTimer(waker));
}

/** Wakes for nothing that are no spinning. */
const FEW = 10;

async function far(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  const timers = FAR.map((milliseconds) => {
    const timer = context.fixtures.keep(driver.newDynTimer());
    const wakes = new Wakes();
    const poll = (deadline?: Instant): void => {
      const answer = timer.pollTimer(wakes.waker, deadline);
      assert.equal(answer, Pending, `a deadline ${milliseconds} ms away has come`);
    };
    poll(after(milliseconds));
    return { milliseconds, wakes, poll };
  });
  const turnsBefore = loopTurns();
  for (let round = 0; round < 3 * FEW; round += 1) {
    await sleep(driver, 1);
    for (const { poll } of timers) poll();
  }
  for (const { milliseconds, wakes } of timers) {
    assert.ok(wakes.count <= FEW, `woken ${wakes.count} times by a deadline ${milliseconds} ms away`);
  }
  const turns = loopTurns() - turnsBefore;
  assert.ok(turns <= 3 * FEW * TURNS_PER_TIMER, `${turns} loop turns while timers were pending`);
}

async function argument(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  using timer = driver.newDynTimer();
  const { waker } = new Wakes();
  assert.equal(timer.pollTimer(waker, after(HOUR)), Pending);
  assert.throws(() => timer.setDeadline(undefined as never), { code: 'ERR_INVALID_ARG_TYPE' });
  for (const deadline of [Number.NaN, '5', null, {}, 5n]) {
    const refused = { code: 'ERR_INVALID_ARG_TYPE' };
    assert.throws(() => timer.setDeadline(deadline as Instant), refused);
    assert.throws(() => timer.pollTimer(waker, deadline as Instant), refused);
    assert.equal(timer.pollTimer(waker), Pending, 'a deadline that was refused took the place of the one before');
    using due = driver.newDynTimer();
    due.setDeadline(after(-1));
    assert.throws(() => due.setDeadline(deadline as Instant), refused);
    assert.notEqual(due.pollTimer(waker), Pending, 'a deadline that was refused took the place of the one before');
  }
}

const rule = ruleOf('timer', 'timers');

/** The rules of timers. */
export const timerRules: readonly Rule[] = [
  rule('not-early', 'A timer is never ready before its deadline, polled in a spin or after a wake', notEarly),
  rule('unset-ready', 'A timer whose deadline was never set is ready at once', unset),
  rule('past-ready', 'A deadline in the past is ready at once, and one that moves to the past wakes the waiter', past),
  rule('shorten', 'A pending timer whose deadline moves nearer comes at the new one', shorten),
  rule('lengthen', 'A pending timer whose deadline moves further is not ready at the old one', lengthen),
  rule(
    'lengthened-fires',
    'A pending timer whose deadline moves further still wakes its waiter at the new one',
    lengthenedFires,
  ),
  rule('no-spinning', 'A pending timer, of a fraction of a millisecond too, lets the loop sleep', withoutSpinning),
  rule('sub-millisecond', 'Timers of a fraction of a millisecond are mostly late by less than one', resolution, {
    class: 'stochastic',
  }),
  rule(
    'order',
    'When a timer has woken its waiter, every timer with an earlier deadline has too by the next loop phase',
    order,
  ),
  rule('dispose-pending', 'A timer disposed of while pending never calls its waker', disposePending),
  rule('latest-waker', 'The waker of the latest poll is called, if that was pending, and no earlier one', latestWaker),
  rule('infinite', 'A deadline of Infinity never comes and holds up no other timer', infinite),
  rule('far', 'A deadline further away than 2^31 ms does not come at once, and wakes nobody again and again', far),
  rule('deadline-type', 'A deadline that is no number is refused with ERR_INVALID_ARG_TYPE', argument),
];
