import assert from 'node:assert/strict';
import { after, type Driver, InterestSlot, PollEvents } from '@polyring/core';
import type { Fixtures } from '../fixtures/fixtures.js';
import { type Register, readyFor, registerFd, registerSocket } from '../polling/readiness.js';
import { ready } from '../polling/ready.js';
import { turn } from '../polling/turn.js';
import type { Rule } from '../rule.js';
import type { RuleContext } from '../running/context.js';
import { forcedCollection } from './forced-collection.js';
import { ruleOf } from './rule-of.js';

const HOUR = 3_600_000;
const { Read, Write } = InterestSlot;
const { IN, OUT } = PollEvents;
const nobody = (): void => {};

/** So many that what they leave, if each leaves something, is far more than what else changes meanwhile. */
const PASSES = 10_000;
/** Bytes that are left where each pass leaves an object, or the memory that a kernel reads a number into. */
const ENOUGH = 32 * PASSES;
/** Passes at the same time. */
const TOGETHER = 100;
/** How often the passes are made, at the most. */
const ATTEMPTS = 3;

/** Makes objects of a kind, and disposes of one at each point of a life: of one at once, of others a turn later. */
type Pass = () => Promise<unknown>;

function passes(driver: Driver, fixtures: Fixtures): Readonly<Record<string, Pass>> {
  return {
    timers: timerPass(driver),
    descriptors: readinessPass(driver, fixtures, registerFd),
    sockets: readinessPass(driver, fixtures, registerSocket),
    waits: waitPass(driver, fixtures),
  };
}

function timerPass(driver: Driver): Pass {
  const begun = (): void => {
    using timer = driver.newDynTimer();
    timer.pollTimer(nobody, after(HOUR));
  };
  return async () => {
    begun();
    using waiting = driver.newDynTimer().unref();
    waiting.pollTimer(nobody, after(HOUR));
    using due = driver.newDynTimer();
    const deadline = after(0.1);
    await ready((waker) => due.pollTimer(waker, deadline));
    await turn();
  };
}

function readinessPass(driver: Driver, fixtures: Fixtures, register: Register): Pass {
  const [quiet] = fixtures.socketPair();
  const [lively, peer] = fixtures.socketPair();
  quiet.fill();
  peer.write(Buffer.from('x'));
  const begun = (): void => {
    using readiness = register(driver, quiet.fd);
    readiness.poll(nobody, Read, IN);
  };
  return async () => {
    begun();
    using waiting = register(driver, quiet.fd);
    waiting.poll(nobody, Read, IN);
    waiting.poll(nobody, Write, OUT);
    using told = register(driver, lively.fd);
    await Promise.all([readyFor(told, Read, IN), readyFor(told, Write, OUT)]);
    told.clear(Read);
    await turn();
  };
}

function waitPass(driver: Driver, fixtures: Fixtures): Pass {
  const { fd } = fixtures.eventfd();
  const signalled = fixtures.eventfd({ semaphore: true, initial: (ATTEMPTS + 1) * PASSES });
  const begun = (): void => {
    using wait = driver.newDynWait(fd, 8);
    wait.pollWait(nobody);
  };
  return async () => {
    begun();
    using waiting = driver.newDynWait(fd, 8).unref();
    waiting.pollWait(nobody);
    using cancelled = driver.newDynWait(fd, 8);
    cancelled.pollWait(nobody);
    await ready((waker) => cancelled.pollCancelWait(waker));
    using over = driver.newDynWait(signalled.fd, 8);
    await ready((waker) => over.pollWait(waker));
    await turn();
  };
}

async function leavesNoMemory(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  const collect = forcedCollection();
  for (const [kind, pass] of Object.entries(passes(driver, context.fixtures))) {
    // What is taken once and for all.
    await passMany(pass, PASSES / 10);
    let left = ENOUGH;
    // Code that is compiled meanwhile takes memory as well, now and then; a driver that keeps something does so every time.
    for (let attempt = 0; attempt < ATTEMPTS && left >= ENOUGH; attempt += 1) {
      const before = await memoryInUse(collect);
      await passMany(pass, PASSES);
      left = (await memoryInUse(collect)) - before;
    }
    assert.ok(left < ENOUGH, `${PASSES} ${kind} of each life have left ${left} bytes when they were disposed of`);
  }
}

async function passMany(pass: Pass, times: number): Promise<void> {
  for (let done = 0; done < times; done += TOGETHER) await Promise.all(Array.from({ length: TOGETHER }, pass));
}

/** Bytes that are in use when everything was collected that can be. */
async function memoryInUse(collect: () => void): Promise<number> {
  for (let time = 0; time < 2; time += 1) {
    collect();
    await turn();
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** The rule of the memory that objects leave. */
export const disposedMemoryRules: readonly Rule[] = [
  ruleOf('lifecycle', 'lifecycle')(
    'leaves-no-memory',
    'Objects that were disposed of leave no memory of the process taken',
    leavesNoMemory,
    { timeLimit: 30_000 },
  ),
];
