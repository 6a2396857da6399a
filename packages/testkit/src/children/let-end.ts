import { writeSync } from 'node:fs';
import { type Driver, nop, Pending, type PollWait, timeout } from '@polyring/core';
import { Fixtures } from '../fixtures/fixtures.js';
import { ready } from '../polling/ready.js';
import { turn } from '../polling/turn.js';
import { bothSlots, type Source, sources } from '../rules/sources.js';
import { loadSubject } from '../subject.js';

/*
 * A process in which nothing may keep the event loop alive. Arguments: the subject's URL and the ways in which objects
 * are left. Each object is left in each way, one after the other: the next one when the loop is empty. It says which
 * one it leaves, so that the last line tells who keeps the process, and "ended" behind all of them.
 */
const [, , url = '', ...ways] = process.argv;
const { factory } = await loadSubject(url);
const fixtures = new Fixtures(url);
const HOUR = 3_600_000;
const KINDS = ['timer', 'descriptor', 'socket', 'wait', 'both slots'] as const;
const say = (text: string): void => {
  writeSync(1, `${text}\n`);
};

/** Leaves an object of a driver of its own. */
type Leave = (source: Source, driver: Driver) => void;

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
  cancelled: (_source, driver) => {
    const wait = pendingWait(driver);
    void ready((waker) => wait.pollCancelWait(waker));
  },
  'cancelled-later': (_source, driver) => {
    const wait = pendingWait(driver);
    void turn().then(() => ready((waker) => wait.pollCancelWait(waker)));
  },
  disposed: ({ kind, object, arm }) => {
    arm(() => say(`woken ${kind}`));
    object[Symbol.dispose]();
  },
  'disposed-later': ({ object, arm }) => {
    arm(() => {});
    void turn().then(() => object[Symbol.dispose]());
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
  'unreferenced-driver': ({ arm }, driver) => {
    arm(() => {});
    driver.unref();
  },
  'unreferenced-driver-before': ({ arm }, driver) => {
    driver.unref();
    arm(() => {});
  },
  closed: ({ kind, arm }, driver) => {
    arm(() => say(`woken ${kind}`));
    void driver.close();
  },
};

/** Leaves a submission. */
const leaveSubmission: Record<string, (driver: Driver) => void> = {
  idle: (driver) => void driver.ioUringSubmit(nop()),
  'unreferenced-driver': (driver) => {
    driver.ioUringSubmit(timeout(HOUR)).catch(() => {});
    driver.unref();
  },
  closed: (driver) => {
    driver.ioUringSubmit(timeout(HOUR)).catch(() => say('woken submission'));
    void driver.close();
  },
};

const steps = ways.flatMap(stepsOf);
process.on('beforeExit', () => {
  const step = steps.shift();
  if (step === undefined) {
    say('ended');
    process.exit(0);
  }
  // Where nothing at all is begun there is no further beforeExit.
  setImmediate(step);
});

/** One step for each kind of object, and for a submission where there are any. */
function stepsOf(way: string): (() => void)[] {
  const kinds = way.startsWith('cancelled') ? (['wait'] as const) : KINDS;
  const steps = kinds.map((kind) => () => {
    const driver = factory.create();
    say(`${way} ${kind}`);
    const all = [...sources(fixtures, driver), bothSlots(fixtures, driver)];
    const source = all.find((each) => each.kind === kind);
    if (source !== undefined) leave[way]?.(source, driver);
  });
  const submit = leaveSubmission[way];
  if (submit === undefined) return steps;
  const submission = (): void => {
    const driver = factory.create();
    if (!driver.supports.ioUring) return;
    say(`${way} submission`);
    submit(driver);
  };
  return [...steps, submission];
}

function pendingWait(driver: Driver): PollWait {
  const wait = driver.newDynWait(fixtures.eventfd().fd, 8);
  if (wait.pollWait(() => {}) !== Pending) throw new Error('a wait was over before its signal');
  return wait;
}
