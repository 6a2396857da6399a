import assert from 'node:assert/strict';
import { type Driver, InterestSlot, Pending, PollEvents } from '@polyring/core';
import { pidfdOpen } from '@polyring/sys';
import type { Child } from '../fixtures/child.js';
import { Descriptor } from '../fixtures/descriptor.js';
import { readyFor, registerFd } from '../polling/readiness.js';
import { Wakes } from '../polling/wakes.js';
import type { Rule } from '../rule.js';
import type { RuleContext } from '../running/context.js';
import { ruleOf } from './rule-of.js';

const { Read } = InterestSlot;
const { IN } = PollEvents;

/** A child that ends with the exit code it is told. */
const OBEDIENT = `
  process.stdin.once('data', (text) => process.exit(Number(text)));
  console.log('ready');
`;

async function obedientChild(context: RuleContext): Promise<{ child: Child; pidfd: Descriptor }> {
  const child = context.fixtures.process(process.execPath, '-e', OBEDIENT);
  await child.says('ready');
  return { child, pidfd: context.fixtures.keep(new Descriptor(pidfdOpen(child.pid))) };
}

/** Holds the end of a child to wake the waiter, and not before it. */
async function endWakes(
  context: RuleContext,
  driver: Driver,
  finish: (child: Child) => void,
  expected: readonly [number | null, NodeJS.Signals | null],
): Promise<void> {
  const { child, pidfd } = await obedientChild(context);
  using readiness = registerFd(driver, pidfd.fd);
  const wakes = new Wakes();
  assert.equal(readiness.poll(wakes.waker, Read, IN), Pending);
  await context.barrier(driver);
  assert.equal(readiness.poll(wakes.waker, Read, IN), Pending, 'a process that runs is told as ended');
  finish(child);
  await wakes.beyond(0);
  assert.ok((await readyFor(readiness, Read, IN)) & IN);
  const { code, signal } = await child.end();
  assert.deepEqual([code, signal], expected);
}

async function exits(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  await endWakes(context, driver, (child) => child.tell('0'), [0, null]);
  await endWakes(context, driver, (child) => child.tell('9'), [9, null]);
  await endWakes(context, driver, (child) => child.kill('SIGKILL'), [null, 'SIGKILL']);
}

async function alreadyExited(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  const { child, pidfd } = await obedientChild(context);
  child.tell('3');
  await child.end();
  using readiness = registerFd(driver, pidfd.fd);
  assert.ok((await readyFor(readiness, Read, IN)) & IN);
}

async function disposalIsHarmless(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  const { child, pidfd } = await obedientChild(context);
  const readiness = registerFd(driver, pidfd.fd);
  const wakes = new Wakes();
  assert.equal(readiness.poll(wakes.waker, Read, IN), Pending);
  await context.barrier(driver);
  const seen = wakes.count;
  readiness[Symbol.dispose]();
  pidfd.close();
  await context.barrier(driver);
  child.tell('5');
  const { code, signal } = await child.end();
  assert.deepEqual([code, signal], [5, null], 'the process was killed, or its end was taken from its parent');
  assert.equal(wakes.count, seen, 'a disposed registration called its waker');
}

const rule = ruleOf('process', 'processes');

/** The rules of processes that are watched through pidfds. */
export const processRules: readonly Rule[] = [
  rule('exit', 'The end of a process wakes the waiter: exit 0, another code, a signal', exits),
  rule('already-exited', 'A process that has ended is ready', alreadyExited),
  rule('disposal', 'Disposing of the registration neither kills the process nor reaps it', disposalIsHarmless),
];
