import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { type Driver, InterestSlot, Pending, PollEvents } from '@polyring/core';
import { eventfd } from '@polyring/sys';
import { loadSubject, ready } from '@polyring/testkit';

/** What an idle process cost. */
export interface IdleCost {
  /** Milliseconds of CPU time of the whole process, user and system. */
  readonly cpu: number;
  /** How often the main thread went to sleep. */
  readonly sleeps: number;
  /** How often the main thread was taken off a processor. */
  readonly preemptions: number;
}

const IDLE_MILLISECONDS = 5000;
const DESCRIPTORS = 1000;

/* Arguments: the subject's URL, or "none" for a process without a driver, which shows what Node itself costs. */
const [, , url = 'none'] = process.argv;
const driver = url === 'none' ? undefined : (await loadSubject(url)).factory.create();
const registered = driver === undefined ? [] : Array.from({ length: DESCRIPTORS }, () => register(driver));
if (driver !== undefined) await oneEvent(driver);
globalThis.gc?.();
await delay(500);

const before = switches();
const cpuBefore = process.cpuUsage();
await delay(IDLE_MILLISECONDS);
const { user, system } = process.cpuUsage(cpuBefore);
const after = switches();
const cost: IdleCost = {
  cpu: (user + system) / 1e3,
  sleeps: after.voluntary - before.voluntary,
  preemptions: after.involuntary - before.involuntary,
};
if (registered.some((readiness) => readiness.hasRef() !== true)) throw new Error('A registration is gone');
console.log(JSON.stringify(cost));
process.exit(0);

function register(of: Driver): ReturnType<Driver['newDynFdReady']> {
  const readiness = of.newDynFdReady(eventfd());
  const answer = readiness.pollFdReady(() => {}, InterestSlot.Read, PollEvents.IN);
  if (answer !== Pending) throw new Error('An eventfd that nobody signalled is ready');
  return readiness;
}

/** Lets the driver go through everything once: what it had to do at first is then done. */
async function oneEvent(of: Driver): Promise<void> {
  using readiness = of.newDynFdReady(eventfd(1));
  await ready((waker) => readiness.pollFdReady(waker, InterestSlot.Read, PollEvents.IN));
}

/** The context switches of the main thread, whose id is the process's (proc(5)). */
function switches(): { voluntary: number; involuntary: number } {
  const status = readFileSync(`/proc/self/task/${process.pid}/status`, 'utf8');
  const count = (name: string): number => Number(status.match(new RegExp(`^${name}:\\s+(\\d+)$`, 'm'))?.[1]);
  return { voluntary: count('voluntary_ctxt_switches'), involuntary: count('nonvoluntary_ctxt_switches') };
}
