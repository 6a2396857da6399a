import { AsyncLocalStorage } from 'node:async_hooks';
import { getEventListeners } from 'node:events';
import { rejectionOf, rejects } from '@polyring/test-support';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Driver } from '../contract/driver.js';
import type { PollTimer } from '../contract/timer.js';
import { type FakeTimer, fakeDriver, isSettled, settled } from '../fake-driver.test-support.js';
import { after, type Instant, now } from '../values/instant.js';
import { PolledTimer } from './timer.js';
import type { PollOptions } from './waiter.js';

function setup(): { timer: PolledTimer; fakes: FakeTimer[]; close: () => Promise<void> } {
  const { driver, parts } = fakeDriver();
  return { timer: new PolledTimer(driver), fakes: parts.timers, close: () => driver.close() };
}

function first(fakes: FakeTimer[]): FakeTimer {
  const [fake] = fakes;
  assert.ok(fake);
  return fake as FakeTimer;
}

test('a sleep sets the deadline at once and resolves with the time when it is over', async () => {
  const { timer, fakes } = setup();
  const before = now();
  const sleep = timer.sleep(50);
  const [deadline = NaN] = first(fakes).deadlines;
  assert.ok(deadline >= before + 50 && deadline <= now() + 50);
  assert.not(await isSettled(sleep));
  first(fakes).fire();
  assert.ok((await sleep) >= before);
});

test('a sleep until an instant hands the instant on', async () => {
  const { timer, fakes } = setup();
  const at = after(1000);
  const sleep = timer.sleepUntil(at);
  assert.equal(first(fakes).deadlines, [at]);
  first(fakes).fire();
  await sleep;
});

test('a wake before the time polls again', async () => {
  const { timer, fakes } = setup();
  const sleep = timer.sleep(5);
  const fake = first(fakes);
  fake.waker.wake();
  assert.is(fake.polls, 2);
  assert.not(await isSettled(sleep));
  fake.fire();
  await sleep;
});

test('sleeps one after the other use one timer', async () => {
  const { timer, fakes } = setup();
  for (let round = 0; round < 3; round += 1) {
    const sleep = timer.sleep(5);
    first(fakes).fire();
    await sleep;
  }
  assert.is(fakes.length, 1);
});

test('sleeps that overlap do not wait for each other', async () => {
  const { timer, fakes } = setup();
  const long = timer.sleep(1000);
  const short = timer.sleep(1);
  assert.is(fakes.length, 2);
  fakes[1]?.fire();
  await short;
  assert.not(await isSettled(long));
  fakes[0]?.fire();
  await long;
  assert.equal(
    fakes.map((fake) => fake.disposals),
    [1, 0],
  );
});

test('an aborted sleep rejects with the reason as cause, and gives its timer back', async () => {
  const { timer, fakes } = setup();
  const controller = new AbortController();
  const sleep = timer.sleep(1000, { signal: controller.signal });
  const reason = new Error('enough');
  controller.abort(reason);
  const error = await rejectionOf(sleep);
  assert.is(error.name, 'AbortError');
  assert.is(error.code, 'ABORT_ERR');
  assert.is(error.cause, reason);
  assert.is(first(fakes).disposals, 1);
  const next = timer.sleep(1);
  assert.is(fakes.length, 2);
  fakes[1]?.fire();
  await next;
});

test('a signal that aborted before starts nothing', async () => {
  const { timer, fakes } = setup();
  const error = await rejectionOf(timer.sleep(5, { signal: AbortSignal.abort() }));
  assert.is(error.name, 'AbortError');
  assert.is(first(fakes).polls, 0);
});

test('no listener stays on a signal once a sleep is over, whatever ended it', async () => {
  const { timer, fakes } = setup();
  const { signal } = new AbortController();
  const over = timer.sleep(5, { signal });
  const failing = timer.sleep(5, { signal });
  assert.is(getEventListeners(signal, 'abort').length, 1);
  fakes[0]?.fire();
  await over;
  assert.is(getEventListeners(signal, 'abort').length, 1);
  Object.assign(fakes[1] as FakeTimer, { failure: new Error('poll') });
  fakes[1]?.waker.wake();
  assert.is((await rejectionOf(failing)).message, 'poll');
  assert.is(getEventListeners(signal, 'abort').length, 0);
  const disposed = timer.sleep(5, { signal });
  timer[Symbol.dispose]();
  await rejectionOf(disposed);
  assert.is(getEventListeners(signal, 'abort').length, 0);
});

test('disposal rejects every sleep and disposes every timer', async () => {
  const { timer, fakes } = setup();
  const rejections = [timer.sleep(1), timer.sleep(2)].map(rejectionOf);
  timer[Symbol.dispose]();
  timer[Symbol.dispose]();
  for (const rejection of rejections) assert.is((await rejection).code, 'ERR_POLYRING_DISPOSED');
  assert.equal(
    fakes.map((fake) => fake.disposals),
    [1, 1],
  );
  await rejects(timer.sleep(1), 'ERR_POLYRING_DISPOSED');
});

test('disposal of an idle object disposes its timer', () => {
  const { timer, fakes } = setup();
  timer[Symbol.dispose]();
  assert.is(first(fakes).disposals, 1);
});

test('a sleep on a closed driver rejects', async () => {
  const { timer, fakes, close } = setup();
  const sleep = timer.sleep(5);
  await close();
  await rejects(timer.sleep(5), 'ERR_POLYRING_CLOSED');
  first(fakes).fire();
  await sleep;
});

test('ref and unref reach the timers there are and those to come', async () => {
  const { timer, fakes } = setup();
  void timer.sleep(5);
  assert.is(timer.unref(), timer);
  void timer.sleep(5);
  assert.equal(
    fakes.map((fake) => fake.hasRef()),
    [false, false],
  );
  assert.is(timer.hasRef(), false);
  timer.ref();
  assert.equal(
    fakes.map((fake) => fake.hasRef()),
    [true, true],
  );
});

test('what is no time is refused', async () => {
  const { timer, fakes } = setup();
  await rejects(timer.sleep('5' as never), 'ERR_INVALID_ARG_TYPE');
  await rejects(timer.sleep(NaN), 'ERR_OUT_OF_RANGE');
  await rejects(timer.sleepUntil(NaN as Instant), 'ERR_OUT_OF_RANGE');
  await rejects(timer.sleep(5, null as never), 'ERR_INVALID_ARG_TYPE');
  await rejects(timer.sleep(5, { signal: 'no' as never }), 'ERR_INVALID_ARG_TYPE');
  assert.is(first(fakes).polls, 0);
});

test('the static forms sleep once and leave no timer', async () => {
  const { driver, parts } = fakeDriver();
  const sleeps = [PolledTimer.sleep(driver, 5), PolledTimer.sleepUntil(driver, after(5))];
  for (const fake of parts.timers) fake.fire();
  await Promise.all(sleeps);
  const aborted = PolledTimer.sleep(driver, 5, { signal: AbortSignal.abort() });
  await rejects(aborted, 'AbortError');
  assert.is(parts.timers.length, 3);
  for (const fake of parts.timers) assert.is(fake.disposals, 1);
});

/** Lets the sleeps of one timer end at times that the test gives, as if the process were that late. */
async function waitUntil(time: number): Promise<void> {
  while (now() < time) await settled();
}

test('an interval keeps to its grid however late a tick is', async () => {
  const { timer, fakes } = setup();
  const before = now();
  const ticks = timer.interval(10);
  const start = now();
  const fake = first(fakes);
  for (let tick = 1; tick <= 3; tick += 1) {
    const next = ticks.next();
    await settled();
    const deadline = fake.deadlines.at(-1) ?? NaN;
    const multiple = (deadline - start) / 10;
    assert.ok(deadline >= before + 10 * tick, 'not early');
    assert.ok(Math.abs(multiple - Math.round(multiple)) * 10 <= start - before + 1e-3, `off the grid: ${multiple}`);
    await waitUntil(deadline + 3);
    fake.fire();
    assert.is((await next).done, false);
  }
  await ticks.return();
});

test('an interval does not make up for ticks that its consumer missed', async () => {
  const { timer, fakes } = setup();
  const ticks = timer.interval(2);
  const fake = first(fakes);
  const one = ticks.next();
  await settled();
  const [deadline = NaN] = fake.deadlines;
  fake.fire();
  await one;
  await waitUntil(deadline + 7);
  const asked = now();
  void ticks.next();
  await settled();
  const next = fake.deadlines.at(-1) ?? NaN;
  assert.ok(next > asked, `${next} is a tick of the past at ${asked}`);
  const periods = (next - deadline) / 2;
  assert.ok(Math.abs(periods - Math.round(periods)) < 1e-3, `off the grid: ${periods}`);
});

test('an interval counts from the call, not from the first tick asked for', async () => {
  const { timer, fakes } = setup();
  const ticks = timer.interval(1000);
  const called = now();
  await waitUntil(called + 3);
  void ticks.next();
  await settled();
  assert.ok((first(fakes).deadlines[0] ?? NaN) <= called + 1000);
});

test('an interval ticks at once where its period is too short to count', async () => {
  const { timer, fakes } = setup();
  const ticks = timer.interval(Number.MIN_VALUE);
  await waitUntil(now() + 3);
  for (let tick = 0; tick < 3; tick += 1) {
    const next = ticks.next();
    await settled();
    assert.ok((first(fakes).deadlines.at(-1) ?? NaN) <= now());
    first(fakes).fire();
    assert.is((await next).done, false);
  }
});

test('an interval ends with an AbortError by its signal', async () => {
  const { timer } = setup();
  const controller = new AbortController();
  const next = timer.interval(10, { signal: controller.signal }).next();
  await settled();
  controller.abort();
  await rejects(next, 'AbortError');
});

test('an interval refuses what is no period', async () => {
  const { timer } = setup();
  for (const period of [0, -1, NaN, Infinity]) {
    await rejects(timer.interval(period).next(), 'ERR_OUT_OF_RANGE');
  }
  await rejects(timer.interval('1' as never).next(), 'ERR_INVALID_ARG_TYPE');
});

/** A driver whose timers are over whenever they are polled. */
function lateDriver(): Driver {
  const { driver } = fakeDriver();
  const newDynTimer = (): PollTimer => Object.assign(driver.newDynTimer(), { pollTimer: () => now() });
  return Object.assign(Object.create(driver) as Driver, { newDynTimer });
}

test('sleeps that are over at once let the loop turn, on one timer or on many, in an interval too', async () => {
  const driver = lateDriver();
  const timer = new PolledTimer(driver);
  const ticks = timer.interval(1e-4);
  for (const sleep of [() => timer.sleep(0), () => PolledTimer.sleep(driver, 0), () => ticks.next()]) {
    let turned = false;
    setImmediate(() => {
      turned = true;
    });
    let sleeps = 0;
    for (; !turned && sleeps < 1000; sleeps += 1) await sleep();
    assert.ok(turned, 'the loop has turned');
  }
});

test('ref and unref reach the turn that a sleep waits for', async () => {
  const turns = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'Immediate').length;
  const timer = new PolledTimer(lateDriver()).unref();
  const before = turns();
  const sleeps = Array.from({ length: 100 }, () => timer.sleep(0));
  assert.is(turns(), before);
  timer.ref();
  assert.ok(turns() > before);
  timer.unref();
  assert.is(turns(), before);
  timer.ref();
  await Promise.all(sleeps);
});

test('a sleep that lets the loop turn ends by its signal and by disposal', async () => {
  const timer = new PolledTimer(lateDriver());
  const controller = new AbortController();
  const sleepOften = (options?: PollOptions): Promise<unknown>[] =>
    Array.from({ length: 100 }, () => timer.sleep(0, options).catch(({ code }) => code));
  const aborted = sleepOften(controller).at(-1);
  controller.abort();
  assert.is(await aborted, 'ABORT_ERR');
  const disposed = sleepOften().at(-1);
  timer[Symbol.dispose]();
  assert.is(await disposed, 'ERR_POLYRING_DISPOSED');
});

test('a sleep resumes in the context that it was called in', async () => {
  const { timer, fakes } = setup();
  const storage = new AsyncLocalStorage<string>();
  const seen = storage.run('caller', async () => {
    await timer.sleep(5);
    return storage.getStore();
  });
  storage.run('drain', () => first(fakes).fire());
  assert.is(await seen, 'caller');
});

test.run();
