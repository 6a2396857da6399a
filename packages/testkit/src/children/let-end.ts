import { writeSync } from 'node:fs';
import { type Driver, InterestSlot, Pending, PollEvents, type PollWait } from '@polyring/core';
import { Fixtures } from '../fixtures/fixtures.js';
import { spareNumbers } from '../fixtures/spare-numbers.js';
import { ready } from '../polling/ready.js';
import { turn } from '../polling/turn.js';
import { loadSubject } from '../subject.js';
import { bothSlots, type Waitable, waitables } from '../waitables/object-waitables.js';
import { type RingWaitable, ringWaitables } from '../waitables/ring-waitables.js';

/*
 * A process in which nothing may keep the event loop alive. Arguments: the subject's URL and the steps, each of a way to
 * leave something and of what is left, such as "disposed timer". One step follows the other when the loop is empty. It says
 * which one it takes, so that the last line tells who keeps the process, and "ended" behind all of them.
 */
const [, , url = '', ...steps] = process.argv;
const { factory } = await loadSubject(url);
const fixtures = new Fixtures(url);
const HOUR = 3_600_000;
const say = (text: string): void => {
  writeSync(1, `${text}\n`);
};

/** Leaves an object of a driver of its own. */
type Leave = (waitable: Waitable, driver: Driver) => void;

const leave: Record<string, Leave> = {
  idle: ({ poll, raise }) => {
    raise();
    poll(() => void poll(() => {}));
  },
  answered: ({ arm, poll, raise }) => {
    arm(() => {});
    raise();
    void ready(poll);
  },
  'answered-later': ({ arm, poll, raise }) => {
    arm(() => {});
    void turn().then(() => {
      raise();
      return ready(poll);
    });
  },
  cancelled: (_waitable, driver) => {
    const wait = pendingWait(driver);
    void ready((waker) => wait.pollCancelWait(waker));
  },
  'cancelled-later': (_waitable, driver) => {
    const wait = pendingWait(driver);
    void turn().then(() => ready((waker) => wait.pollCancelWait(waker)));
  },
  'short-read': (_waitable, driver) => {
    const { reader, writer } = fixtures.pipe();
    const wait = driver.newDynWait(reader.fd, 4);
    ready((waker) => wait.pollWait(waker)).catch(() => {});
    writer.write(Buffer.from('x'));
  },
  'read-error': (_waitable, driver) => {
    const wait = driver.newDynWait(fixtures.eventfd({ initial: 1 }).fd, 4);
    ready((waker) => wait.pollWait(waker)).catch(() => {});
  },
  'closed-early': (_waitable, driver) => {
    const freeSpare = spareNumbers(fixtures);
    const event = fixtures.eventfd();
    const readiness = driver.newDynFdReady(event.fd);
    freeSpare();
    event.close();
    ready((waker) => readiness.pollFdReady(waker, InterestSlot.Read, PollEvents.IN)).catch(() => {});
  },
  disposed: ({ kind, object, arm }) => {
    arm(() => say(`woken ${kind}`));
    object[Symbol.dispose]();
    object.unref();
    object.ref();
  },
  'disposed-later': ({ object, arm }) => {
    arm(() => {});
    object.unref().ref();
    void turn().then(() => object[Symbol.dispose]());
  },
  'disposed-unreferenced': ({ object, arm }, driver) => {
    arm(() => {});
    driver.unref();
    object[Symbol.dispose]();
    driver.ref();
  },
  unreferenced: ({ object, arm }) => {
    arm(() => {});
    object.unref();
  },
  'unreferenced-before': ({ object, arm }) => {
    object.unref();
    arm(() => {});
  },
  'unreferenced-later': ({ object, arm }) => {
    arm(() => {});
    void turn().then(() => object.unref());
  },
  'unreferenced-again': ({ object, arm }, driver) => {
    object.unref();
    arm(() => {});
    driver.unref().ref();
  },
  'unreferenced-driver': ({ arm }, driver) => {
    arm(() => {});
    driver.unref();
  },
  'unreferenced-driver-before': ({ object, arm }, driver) => {
    driver.unref();
    arm(() => {});
    object.unref().ref();
  },
  closed: ({ kind, arm }, driver) => {
    arm(() => say(`woken ${kind}`));
    void driver.close();
  },
};

/** Leaves an operation of a driver of its own. */
type LeaveInFlight = (waitable: RingWaitable, driver: Driver) => void;

const leaveInFlight: Record<string, LeaveInFlight> = {
  idle: ({ begin, raise }) => {
    raise();
    void begin();
  },
  'answered-later': ({ begin, raise }) => {
    void begin();
    void turn().then(raise);
  },
  'in-time': ({ begin, raise }) => {
    void begin({ signal: new AbortController().signal, timeout: HOUR });
    void turn().then(raise);
  },
  'timed-out': ({ begin }) => {
    begin({ timeout: 1 }).catch(() => {});
  },
  aborted: ({ begin }) => {
    const controller = new AbortController();
    begin({ signal: controller.signal }).catch(() => {});
    controller.abort();
  },
  'aborted-later': ({ begin }) => {
    const controller = new AbortController();
    begin({ signal: controller.signal }).catch(() => {});
    void turn().then(() => controller.abort());
  },
  'aborted-unreferenced': ({ begin }, driver) => {
    const controller = new AbortController();
    begin({ signal: controller.signal }).catch(() => driver.ref());
    driver.unref();
    controller.abort();
  },
  'unreferenced-driver': ({ begin }, driver) => {
    begin().catch(() => {});
    driver.unref();
  },
  'unreferenced-driver-before': ({ begin }, driver) => {
    driver.unref();
    begin().catch(() => {});
  },
  closed: ({ kind, begin }, driver) => {
    const woken = (): void => say(`woken ${kind}`);
    begin().then(woken, woken);
    void driver.close();
  },
};

process.on('beforeExit', () => {
  const step = steps.shift();
  if (step === undefined) {
    say('ended');
    process.exit(0);
  }
  // Where nothing at all is begun there is no further beforeExit.
  setImmediate(take, step);
});

function take(step: string): void {
  say(step);
  const driver = factory.create();
  const way = step.slice(0, step.indexOf(' '));
  const isLeft = ({ kind }: Waitable | RingWaitable): boolean => step === `${way} ${kind}`;
  const waitable = [...waitables(fixtures, driver), bothSlots(fixtures, driver)].find(isLeft);
  const ringWaitable = ringWaitables(fixtures, driver).find(isLeft);
  if (waitable !== undefined) wayOf(leave, way)(waitable, driver);
  else if (ringWaitable !== undefined) wayOf(leaveInFlight, way)(ringWaitable, driver);
}

function wayOf<T>(ways: Readonly<Record<string, T>>, way: string): T {
  const leaving = ways[way];
  if (leaving === undefined) throw new Error(`Nothing is left in the way ${way}`);
  return leaving;
}

function pendingWait(driver: Driver): PollWait {
  const wait = driver.newDynWait(fixtures.eventfd().fd, 8);
  if (wait.pollWait(() => {}) !== Pending) throw new Error('a wait was over before its signal');
  return wait;
}
