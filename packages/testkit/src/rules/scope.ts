import assert from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import {
  type Driver,
  InterestSlot,
  nop,
  PollEvents,
  PolledFd,
  PolledTimer,
  PolledWait,
  pollMultishot,
  type Waker,
} from '@polyring/core';
import { Neighbours } from '../fixtures/neighbours.js';
import { spareNumbers } from '../fixtures/spare-numbers.js';
import { turn } from '../polling/turn.js';
import { Wakes } from '../polling/wakes.js';
import type { Rule } from '../rule.js';
import type { RuleContext } from '../running/context.js';
import { slotWaitables, socketSlotWaitables, type Waitable, waitables } from '../waitables/object-waitables.js';
import { submissions } from '../waitables/submissions.js';
import { ruleOf } from './rule-of.js';

const { Read, Write } = InterestSlot;
const { IN, OUT } = PollEvents;

async function continuations(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  for (const { kind, arm, raise } of waitables(context.fixtures, driver)) {
    const order: string[] = [];
    let woken = false;
    using neighbours = new Neighbours(() => {
      if (woken) order.push('neighbour');
    });
    const done = new Promise<void>((finished) => {
      let resume: () => void = () => {};
      new Promise<void>((resolve) => {
        resume = resolve;
      }).then(() => order.push('promise'));
      arm(() => {
        // A second wake in the same place would be no fault.
        if (woken) return;
        woken = true;
        setImmediate(() => {
          order.push('immediate');
          finished();
        });
        process.nextTick(() => order.push('tick'));
        resume();
      });
    });
    await context.barrier(driver);
    raise();
    neighbours.start();
    await done;
    assert.deepEqual(order.slice(0, 2).sort(), ['promise', 'tick'], `${kind}: ${order.join(', ')}`);
  }
}

async function throwing(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  const caught = context.expectUncaught();
  const thrown: Error[] = [];
  for (let batch = 0; batch < 3; batch += 1) {
    const first = waitables(context.fixtures, driver);
    const calm = waitables(context.fixtures, driver);
    const last = [...waitables(context.fixtures, driver), ...slotWaitables(context.fixtures, driver)];
    const all = [...first, ...calm, ...last, ...socketSlotWaitables(context.fixtures, driver)];
    const woken = new Set<Waitable>();
    const wakes = new Wakes();
    for (const waitable of all) {
      waitable.arm(() => {
        woken.add(waitable);
        if (calm.includes(waitable)) return wakes.waker();
        const error = new Error(`thrown by the waker of a ${waitable.kind}`);
        thrown.push(error);
        throw error;
      });
    }
    await context.barrier(driver);
    for (const { raise } of all) raise();
    while (!calm.every((waitable) => woken.has(waitable))) await wakes.beyond(wakes.count);
    await context.barrier(driver);
    assert.equal(woken.size, all.length, 'a waker was not called');
    assert.equal(caught.length, thrown.length, 'uncaughtException saw an error twice, or not at all');
    assert.deepEqual(new Set(caught), new Set(thrown), 'uncaughtException did not see every error once');
  }
  for (const thing of [undefined, null, 0, '']) {
    await throwsOnce(context, driver, thing);
    // The wakers from above may be called for nothing meanwhile, and throw again.
    assert.equal(timesCaught(caught, [thing]), 1, 'uncaughtException did not see what is no error');
  }
  await throwingAtClose(context, caught);
}

/** The wakers that a close calls may throw as well: it wakes the others, and ends. */
async function throwingAtClose(context: RuleContext, caught: readonly unknown[]): Promise<void> {
  const driver = await context.createDriver();
  const thrown: Error[] = [];
  const all = [...waitables(context.fixtures, driver), ...waitables(context.fixtures, driver)];
  const wakes = all.map(({ kind, arm }) => {
    const each = new Wakes();
    arm(() => {
      each.waker();
      const error = new Error(`thrown by the waker of a ${kind} at the close`);
      thrown.push(error);
      throw error;
    });
    return each;
  });
  await driver.close();
  for (const each of wakes) await each.beyond(0);
  await turn();
  const times = timesCaught(caught, thrown);
  assert.equal(times, thrown.length, 'uncaughtException did not see every error of a close once');
}

/** How many times one of these was caught. */
function timesCaught(caught: readonly unknown[], thrown: readonly unknown[]): number {
  return caught.filter((each) => thrown.includes(each)).length;
}

/** Throws anything inside a waker. */
async function throwsOnce(context: RuleContext, driver: Driver, thing: unknown): Promise<void> {
  const [{ arm, raise } = assert.fail()] = waitables(context.fixtures, driver);
  const wakes = new Wakes();
  arm(() => {
    wakes.waker();
    if (wakes.count === 1) throw thing;
  });
  raise();
  await wakes.beyond(0);
  await context.barrier(driver);
}

async function noWakeInsideCall(context: RuleContext): Promise<void> {
  const driver = await context.createDriver({ entries: 8, completionEntries: 16 });
  let inside = 0;
  let wokenInside = 0;
  const wakes = new Wakes();
  const watchful = (): void => {
    if (inside > 0) wokenInside += 1;
  };
  const waker: Waker = () => {
    watchful();
    wakes.waker();
  };
  const call = (action: () => void): void => {
    inside += 1;
    try {
      action();
    } finally {
      inside -= 1;
    }
    assert.equal(wokenInside, 0, 'a call of the driver ran a waker before it returned');
  };
  const rounds = 20;
  const completions: Promise<unknown>[] = [];
  for (let round = 0; round < rounds; round += 1) {
    call(() => {
      for (const { arm } of waitables(context.fixtures, driver)) arm(watchful);
      const wait = context.fixtures.keep(driver.newDynWait(context.fixtures.eventfd().fd, 8));
      wait.pollWait(watchful);
      wait.pollCancelWait(watchful);
      for (let count = 0; count < 40; count += 1) {
        const made = context.fixtures.eventfd({ initial: 1 });
        const readiness = driver.newDynFdReady(made.fd);
        readiness.pollFdReady(watchful, Read, IN);
        readiness.clearFdReady(Read);
        if (count % 2 === 0) readiness[Symbol.dispose]();
        else context.fixtures.keep(readiness);
      }
      if (driver.supports.ioUring) {
        for (let count = 0; count < 40; count += 1) completions.push(driver.ioUringSubmit(nop()));
      }
    });
    const some = waitables(context.fixtures, driver);
    call(() => {
      for (const { arm, object } of some) {
        arm(waker);
        object.unref().ref();
      }
      driver.unref().ref();
    });
    if (round % 2 === 0) await context.barrier(driver);
    call(() => {
      for (const { raise } of some) raise();
    });
  }
  while (wakes.count < rounds * 4) await wakes.beyond(wakes.count);
  await Promise.all(completions);
  await noWakeInsideClosed(context, driver);
  await noWakeBehindCall(context, driver);
}

/** Nor does a poll that finds its descriptor closed, and throws, run the waker of the other slot. */
async function noWakeInsideClosed(context: RuleContext, driver: Driver): Promise<void> {
  const { fixtures } = context;
  const freeSpare = spareNumbers(fixtures);
  const [end] = fixtures.socketPair();
  const readiness = fixtures.keep(driver.newDynFdReady(end.fd));
  const wakes = new Wakes();
  readiness.pollFdReady(wakes.waker, Read, IN);
  await context.barrier(driver);
  freeSpare();
  end.close();
  const before = wakes.count;
  try {
    readiness.pollFdReady(wakes.waker, Write, OUT);
  } catch {
    // It may wait as well: readiness.poll-closed says what it must do.
  }
  assert.equal(wakes.count, before, 'a poll whose descriptor was closed ran a waker before it returned');
}

/** Microtasks in which a driver may go on with what a call has begun. */
const HOPS = 10;

/** Nor does a waker run in the microtasks of the caller, who goes on in them: wakers are called by the drain. */
async function noWakeBehindCall(context: RuleContext, driver: Driver): Promise<void> {
  for (const { kind, arm, raise } of waitables(context.fixtures, driver)) {
    const wakes = new Wakes();
    // Not within a drain, which may go on in microtasks.
    await turn();
    arm(wakes.waker);
    raise();
    for (let hop = 0; hop < HOPS; hop += 1) await undefined;
    assert.equal(wakes.count, 0, `a call had the waker of a ${kind} run in a microtask`);
    context.waitingFor = () => `the wake of a ${kind}`;
    await wakes.beyond(0);
  }
}

async function insideWaker(context: RuleContext): Promise<void> {
  const driver = await context.createDriver({ entries: 8, completionEntries: 16 });
  let depth = 0;
  let nested = 0;
  const done: Promise<unknown>[] = [];
  const guarded = (action: () => void): Waker => {
    return () => {
      if (depth > 0) nested += 1;
      depth += 1;
      try {
        action();
      } finally {
        depth -= 1;
      }
    };
  };
  const busied = new Set<Waitable>();
  const busy = (waitable: Waitable): void => {
    // A second wake would be no fault, and may come when the driver is closed.
    if (busied.has(waitable)) return;
    busied.add(waitable);
    const inner = waitables(context.fixtures, driver);
    for (const { arm, raise } of inner) {
      done.push(new Promise<void>((resolve) => arm(guarded(resolve))));
      raise();
    }
    driver.newDynTimer()[Symbol.dispose]();
    for (let count = 0; count < 50; count += 1) {
      const readiness = driver.newDynFdReady(context.fixtures.eventfd({ initial: 1 }).fd);
      if (count % 2 === 0)
        readiness.pollFdReady(
          guarded(() => {}),
          Read,
          IN,
        );
      if (count % 3 === 0) readiness[Symbol.dispose]();
      else context.fixtures.keep(readiness);
      if (driver.supports.ioUring) done.push(driver.ioUringSubmit(nop()));
    }
  };
  for (const waitable of waitables(context.fixtures, driver)) {
    const { arm, raise } = waitable;
    done.push(
      new Promise<void>((resolve) => {
        arm(
          guarded(() => {
            busy(waitable);
            resolve();
          }),
        );
      }),
    );
    await context.barrier(driver);
    raise();
  }
  for (let settled = 0; settled < done.length; settled += 1) await done[settled];
  assert.equal(nested, 0, 'a waker ran inside another waker');
}

async function asyncContext(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  const { fixtures } = context;
  const storage = new AsyncLocalStorage<string>();
  const asking = (name: string, ask: () => Promise<unknown>): Promise<void> =>
    storage.run(name, async () => {
      const inContext = (): void => {
        assert.equal(storage.getStore(), name, 'a continuation runs in the context of another');
      };
      // Node gives every await its context back. A reaction has the context in which the promise calls it.
      await ask().then(inContext);
      inContext();
    });
  const [watched, counted] = [fixtures.eventfd(), fixtures.eventfd()];
  using timer = new PolledTimer(driver);
  using readiness = new PolledFd(driver, watched.fd);
  using wait = new PolledWait(driver, counted.fd, 8);
  const all = [
    asking('timer', () => timer.sleep(2)),
    asking('one caller', () => readiness.readable()),
    asking('another caller', () => readiness.readable()),
    asking('wait', () => wait.wait()),
    asking('memory', () => driver.allocateAsync(16)),
  ];
  if (driver.supports.ioUring) {
    for (let count = 0; count < 10; count += 1) {
      all.push(asking(`submission ${count}`, () => driver.ioUringSubmit(nop())));
    }
    for (const [way, submit] of Object.entries(submissions)) all.push(asking(way, () => submit(driver, nop())));
    if (driver.ioUring.features.pollMultishot) {
      const iteration = driver.multishot(pollMultishot(watched.fd, IN));
      all.push(asking('next', () => iteration.next()).then(() => asking('return', () => iteration.return())));
    }
  }
  await context.barrier(driver);
  watched.signal();
  counted.signal();
  await Promise.all(all);
  await asking('close', () => driver.close());
}

const rule = ruleOf('scope', 'scope');

/** The rules of where and when wakers run. */
export const scopeRules: readonly Rule[] = [
  rule(
    'continuations-first',
    'A continuation of a promise resolved in a waker runs before another descriptor is called and before a setImmediate',
    continuations,
  ),
  rule(
    'throwing-waker',
    'A waker that throws reaches uncaughtException, and the rest of the batch and later batches are delivered',
    throwing,
  ),
  rule(
    'no-wake-inside-call',
    'No call of a driver or its objects runs a waker before it returns, nor in a microtask behind it',
    noWakeInsideCall,
  ),
  rule(
    'inside-waker',
    'Polling, disposing and submitting inside a waker work, and run no other waker there',
    insideWaker,
  ),
  rule('async-context', "Promises resume in their caller's AsyncLocalStorage context", asyncContext),
];
