import assert from 'node:assert/strict';
import { after, type Driver, InterestSlot, PollEvents } from '@polyring/core';
import { forcedCollection } from '../collection.js';
import type { RuleContext } from '../context.js';
import type { Fixtures } from '../fixtures/fixtures.js';
import { ready } from '../polling/ready.js';
import { turn } from '../polling/turn.js';
import type { Rule } from '../rule.js';

const HOUR = 3_600_000;
const { Read } = InterestSlot;
const { IN } = PollEvents;
const nobody = (): void => {};

/** So many that what they leave, if each leaves something, is far more than what else changes meanwhile. */
const OBJECTS = 20_000;
/** Bytes of each that are too few to be an object, or the memory that a kernel reads a number into. */
const SHARE = 32;
/** Objects that are disposed of in a turn of the loop. */
const TOGETHER = 200;

/** Makes an object, lets it wait, and disposes of it. */
type Pass = () => unknown;

function passes(driver: Driver, fixtures: Fixtures): Readonly<Record<string, Pass>> {
  const { fd } = fixtures.eventfd();
  const [end] = fixtures.socketPair();
  const signalled = fixtures.eventfd({ semaphore: true, initial: 2 * OBJECTS });
  return {
    timers: () => {
      using timer = driver.newDynTimer();
      timer.pollTimer(nobody, after(HOUR));
    },
    descriptors: () => {
      using descriptor = driver.newDynFdReady(fd);
      descriptor.pollFdReady(nobody, Read, IN);
    },
    sockets: () => {
      using socket = driver.newDynSocketReady(end.fd);
      socket.pollSocketReady(nobody, Read, IN);
    },
    'waits that were pending': () => {
      using wait = driver.newDynWait(fd, 8);
      wait.pollWait(nobody);
    },
    'waits that were over': async () => {
      using wait = driver.newDynWait(signalled.fd, 8);
      await ready((waker) => wait.pollWait(waker));
    },
  };
}

async function leavesNoMemory(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  const collect = forcedCollection();
  for (const [kind, pass] of Object.entries(passes(driver, context.fixtures))) {
    // What is taken once and for all.
    await passMany(pass, OBJECTS / 10);
    const before = await memoryInUse(collect);
    await passMany(pass, OBJECTS);
    const left = (await memoryInUse(collect)) - before;
    assert.ok(left < OBJECTS * SHARE, `${OBJECTS} ${kind} have left ${left} bytes when they were disposed of`);
  }
}

async function passMany(pass: Pass, times: number): Promise<void> {
  for (let done = 0; done < times; done += TOGETHER) {
    await Promise.all(Array.from({ length: TOGETHER }, pass));
    await turn();
  }
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
  {
    id: 'lifecycle.leaves-no-memory',
    class: 'required',
    section: 'lifecycle',
    expectation: 'Objects that were disposed of leave no memory of the process taken',
    timeLimit: 30_000,
    check: leavesNoMemory,
  },
];
