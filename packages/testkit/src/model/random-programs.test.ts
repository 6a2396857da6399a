// timeout: 300

import { ALWAYS_REPORTED, type Instant, Pending, type Poll, PollEvents, type Waker } from '@polyring/core';
import { tryRead } from '@polyring/sys';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { modelRules } from '../rules/model.js';
import { type RuleResult, runRule } from '../running/run-rule.js';
import { loadSubject, type Subject } from '../subject.js';
import { alteredBackend, type Faults } from './altered-backend.test-support.js';
import { REPLAY_VARIABLE } from './settings.js';

const [rule] = modelRules;
const epoll = await loadSubject(import.meta.resolve('@polyring/backend-epoll'));

/** Steps of the longest program that is short. Its end is not counted: it is the same for every program. */
const FEW = 8;

function judge(subject: Subject, seed = 1): Promise<RuleResult> {
  assert.ok(rule !== undefined);
  return runRule(rule, subject, { seed });
}

/** The steps of the shortest program that the failure's message holds, before its end. */
function stepsOf(message: string): string[] {
  const lines = message.split('\n');
  const end = lines.findIndex((line) => line.includes('at the end of the program'));
  return lines.slice(0, end === -1 ? lines.length : end).filter((line) => /^ +\d+\. /.test(line));
}

test('the backend on epoll agrees with the model', async () => {
  const result = await judge(epoll);
  if (result.outcome === 'failed') throw result.error;
});

/** A waker that hands on every call but each seventh of its driver. */
function losing(): (waker: Waker) => Waker {
  let calls = 0;
  return (waker) => () => {
    calls += 1;
    if (calls % 7 !== 0) waker();
  };
}

const faults: Record<string, { make: () => Faults; told: RegExp }> = {
  'loses every seventh wake': {
    told: /not woken|not delivered/,
    make: () => {
      const lossy = losing();
      return {
        fdReady: (sound) => ({ pollFdReady: (waker, slot, events) => sound.pollFdReady(lossy(waker), slot, events) }),
        wait: (sound) => ({ pollWait: (waker) => sound.pollWait(lossy(waker)) }),
        timer: (sound) => ({ pollTimer: (waker, deadline) => sound.pollTimer(lossy(waker), deadline) }),
      };
    },
  },
  'consumes a second signal where one is enough': {
    told: /but the (pipe|counter)/,
    make: () => ({
      wait: (sound, fd, readSize) => ({
        pollWait: (waker) => {
          const answer = sound.pollWait(waker);
          if (answer !== Pending) tryRead(fd, new Uint8Array(readSize));
          return answer;
        },
      }),
    }),
  },
  'forgets HUP': {
    told: /not woken/,
    make: () => ({
      fdReady: (sound) => ({
        pollFdReady: (waker, slot, events) => without(PollEvents.HUP, sound.pollFdReady(waker, slot, events)),
      }),
    }),
  },
  'is early by 1 ms': {
    told: /early/,
    make: () => ({
      timer: (sound) => ({
        pollTimer: (waker, deadline) =>
          sound.pollTimer(waker, deadline === undefined ? undefined : ((deadline - 1) as Instant)),
        setDeadline: (deadline) => sound.setDeadline((deadline - 1) as Instant),
      }),
    }),
  },
  'says that a cancel consumed nothing when it did': {
    told: /but the (pipe|counter)/,
    make: () => ({
      wait: (sound, fd, readSize) => ({
        pollCancelWait: (waker) => {
          tryRead(fd, new Uint8Array(readSize));
          return sound.pollCancelWait(waker);
        },
      }),
    }),
  },
  'says that a cancel consumed a signal when it did not': {
    told: /the cancel is true/,
    make: () => ({
      wait: (sound) => {
        let waiting = false;
        return {
          pollWait: (waker) => {
            const answer = sound.pollWait(waker);
            waiting = answer === Pending;
            return answer;
          },
          pollCancelWait: (waker) => {
            const answer = sound.pollCancelWait(waker);
            const told = waiting ? true : answer;
            waiting = false;
            return told;
          },
        };
      },
    }),
  },
  'wakes after an object was disposed': {
    told: /after it was disposed/,
    make: () => ({
      fdReady: (sound) => {
        let latest: Waker = () => {};
        return {
          pollFdReady: (waker, slot, events) => {
            latest = waker;
            return sound.pollFdReady(waker, slot, events);
          },
          [Symbol.dispose]: () => {
            setImmediate(latest);
            sound[Symbol.dispose]();
          },
        };
      },
    }),
  },
  'wakes inside a poll': {
    told: /a waker ran inside/,
    make: () => ({
      fdReady: (sound) => ({
        pollFdReady: (waker, slot, events) => {
          const answer = sound.pollFdReady(waker, slot, events);
          if (answer !== Pending) waker();
          return answer;
        },
      }),
    }),
  },
  'wakes a waiter whom a later poll replaced': {
    told: /which a later poll replaced/,
    make: () => ({
      fdReady: (sound) => {
        let first: Waker | undefined;
        return {
          pollFdReady: (waker, slot, events) => {
            first ??= waker;
            return sound.pollFdReady(first, slot, events);
          },
        };
      },
    }),
  },
  'forgets what it has told': {
    told: /was told and not cleared/,
    make: () => ({
      fdReady: (sound) => ({
        pollFdReady: (waker, slot, events) => {
          const answer = sound.pollFdReady(waker, slot, events);
          if (answer !== Pending) sound.clearFdReady(slot);
          return answer;
        },
      }),
    }),
  },
  'ignores clear': {
    told: /which has not held/,
    make: () => ({ fdReady: () => ({ clearFdReady: () => {} }) }),
  },
  'ignores a deadline that moves further away': {
    told: /early/,
    make: () => ({
      timer: (sound) => {
        let earliest = Number.POSITIVE_INFINITY;
        const nearer = (deadline: Instant): Instant => {
          earliest = Math.min(earliest, deadline);
          return earliest as Instant;
        };
        return {
          pollTimer: (waker, deadline) => {
            const answer = sound.pollTimer(waker, deadline === undefined ? undefined : nearer(deadline));
            if (answer !== Pending) earliest = Number.POSITIVE_INFINITY;
            return answer;
          },
          setDeadline: (deadline) => sound.setDeadline(nearer(deadline)),
        };
      },
    }),
  },
};

/** An answer without some events; Pending if none is left. */
function without(events: PollEvents, answer: Poll<PollEvents>): Poll<PollEvents> {
  if (answer === Pending) return Pending;
  const left = answer & ~events;
  return left === 0 && (events & ALWAYS_REPORTED) !== 0 ? Pending : left;
}

for (const [fault, { make, told }] of Object.entries(faults)) {
  test(`a driver that ${fault} is convicted by a short program`, async () => {
    const { outcome, error } = await judge(alteredBackend(epoll, make));
    const { message } = error as Error;
    assert.is(outcome, 'failed');
    assert.match(message, told);
    const steps = stepsOf(message);
    assert.ok(steps.length <= FEW, `${steps.length} steps:\n${message}`);
  });
}

test('a failure is run again as its message says', async () => {
  const subject = alteredBackend(epoll, faults['is early by 1 ms']!.make);
  const first = (await judge(subject)).error as Error;
  const [, replay] = new RegExp(`${REPLAY_VARIABLE}=(\\S+)`).exec(first.message) ?? [];
  process.env[REPLAY_VARIABLE] = replay;
  try {
    const again = (await judge(subject, 2)).error as Error;
    assert.match(again.message, 'Program 1, shortened 0 times');
    assert.equal(stepsOf(again.message), stepsOf(first.message));
    assert.match(again.message, `${REPLAY_VARIABLE}=${replay}`);
  } finally {
    delete process.env[REPLAY_VARIABLE];
  }
});

test.run();
