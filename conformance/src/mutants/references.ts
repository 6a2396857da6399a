import { type Driver, DriverHold, Pending, type PollTimer } from '@polyring/core';
import type { Change } from '../seams/change.js';
import { inside, replaceMethod } from '../seams/internals.js';
import { overlay } from '../seams/overlay.js';
import { inDrivers, inObjects, inTimers, wakersThrough } from '../seams/parts.js';
import type { Mutant } from './mutant.js';

/** A fault of timers that switch their driver, which goes on to say what it was told to be. */
function timersSwitch(
  change: (timer: PollTimer, driver: Driver, isReferenced: () => boolean) => Partial<PollTimer>,
): Change {
  return inDrivers((driver) => {
    let referenced = true;
    const become = (next: boolean): Driver => {
      referenced = next;
      return next ? driver.ref() : driver.unref();
    };
    return {
      hasRef: () => referenced,
      ref: (() => become(true)) as Driver['ref'],
      unref: (() => become(false)) as Driver['unref'],
      newDynTimer: () => {
        const timer = driver.newDynTimer();
        return overlay(
          timer,
          change(timer, driver, () => referenced),
        );
      },
    };
  });
}

const unreferencesAll = timersSwitch((timer, driver, isReferenced) => {
  const ref = (): PollTimer => {
    if (isReferenced()) driver.ref();
    return timer.ref();
  };
  const unref = (): PollTimer => {
    driver.unref();
    return timer.unref();
  };
  return { ref, unref } as Partial<PollTimer>;
});

const referencesDriver = timersSwitch((timer, driver) => {
  const ref = (): PollTimer => {
    driver.ref();
    return timer.ref();
  };
  return { ref } as Partial<PollTimer>;
});

const unreferencesAtWake = timersSwitch((timer, driver) => ({
  pollTimer: (waker, deadline) =>
    timer.pollTimer(() => {
      if (!timer.hasRef()) driver.unref();
      waker();
    }, deadline),
}));

const unreferencesAtDisposal = timersSwitch((timer, driver) => {
  let pending = false;
  return {
    pollTimer: (waker, deadline) => {
      const answer = timer.pollTimer(waker, deadline);
      pending = answer === Pending;
      return answer;
    },
    [Symbol.dispose]: () => {
      if (pending && !timer.hasRef()) driver.unref();
      pending = false;
      timer[Symbol.dispose]();
    },
  };
});

/** A driver that is referenced references its timers, which go on to say what they were told to be. */
const referencesTimers = inDrivers((driver) => {
  const timers = new Set<PollTimer>();
  const ref = (): Driver => {
    for (const timer of timers) timer.ref();
    return driver.ref();
  };
  return {
    ref: ref as Driver['ref'],
    newDynTimer: () => {
      const timer = driver.newDynTimer();
      timers.add(timer);
      let referenced = true;
      const become = (next: boolean): PollTimer => {
        referenced = next;
        return next ? timer.ref() : timer.unref();
      };
      const referencing = { ref: () => become(true), unref: () => become(false), hasRef: () => referenced };
      return overlay(timer, referencing as Partial<PollTimer>);
    },
  };
});

/** A timer that is referenced again while it is pending holds the loop for its deadline, past its disposal. */
const holdsOnceReferenced = inTimers((timer) => {
  let pending = false;
  let hold: NodeJS.Timeout | undefined;
  const ref = (): PollTimer => {
    if (pending && !timer.hasRef()) hold = setInterval(() => {}, 3_600_000);
    return timer.ref();
  };
  return {
    ref: ref as PollTimer['ref'],
    unref: (() => {
      clearInterval(hold);
      return timer.unref();
    }) as PollTimer['unref'],
    pollTimer: (waker, deadline) => {
      const answer = timer.pollTimer(() => {
        clearInterval(hold);
        waker();
      }, deadline);
      pending = answer === Pending;
      return answer;
    },
    [Symbol.dispose]: () => {
      pending = false;
      timer[Symbol.dispose]();
    },
  };
});

/** Counts calls of `unref`, and is referenced again by as many calls of `ref`. */
const countsUnrefs = inObjects((object) => {
  let count = 0;
  return {
    ref: () => {
      count = Math.max(count - 1, 0);
      return count === 0 ? object.ref() : object;
    },
    unref: () => {
      count += 1;
      return object.unref();
    },
  };
});

/** A poll of an object references it. */
const pollReferences = inTimers((timer) => ({
  pollTimer: (waker, deadline) => timer.ref().pollTimer(waker, deadline),
}));

/** A driver that is referenced again takes note of it with the next poll. */
const referencesWithPoll = inDrivers((driver) => {
  let referenced = true;
  const change = (become: boolean): Driver => {
    referenced = become;
    return become ? driver : driver.unref();
  };
  return {
    ...wakersThrough(driver, (waker) => {
      if (referenced) driver.ref();
      return waker;
    }),
    hasRef: () => referenced,
    ref: (() => change(true)) as Driver['ref'],
    unref: (() => change(false)) as Driver['unref'],
  };
});

/** What is over while its driver is unreferenced goes on to count. */
function releasesIfReferenced(): void {
  replaceMethod(DriverHold.prototype, 'release', (release) => {
    return function (this: DriverHold) {
      if (this.hasRef()) release.call(this);
    };
  });
}

/** A timer that is unreferenced after its disposal takes what holds the loop for the others. */
const unreferencesOnceDisposed = inDrivers((driver) => ({
  newDynTimer: () => {
    const timer = driver.newDynTimer();
    let disposed = false;
    const unref = (): PollTimer => {
      if (disposed) driver.unref();
      return timer.unref();
    };
    const dispose = (): void => {
      disposed = true;
      timer[Symbol.dispose]();
    };
    return overlay(timer, { unref, [Symbol.dispose]: dispose } as Partial<PollTimer>);
  },
}));

/** Drivers whose `ref` and `unref` take the hold of others, or are not what they say. */
export const referenceMutants: readonly Mutant[] = [
  {
    name: 'hold-unreferences-all',
    fault: 'Unreferencing one object unreferences its driver.',
    base: 'epoll',
    convictedBy: ['lifecycle.ref-keeps-alive'],
    break: unreferencesAll,
  },
  {
    name: 'hold-references-driver',
    fault: 'Referencing a timer lets its driver keep the process alive, which is unreferenced.',
    base: 'epoll',
    convictedBy: ['lifecycle.unref-lets-end'],
    break: referencesDriver,
  },
  {
    name: 'hold-references-timers',
    fault: 'Referencing a driver lets its timers keep the process alive that are unreferenced.',
    base: 'epoll',
    convictedBy: ['lifecycle.unref-lets-end'],
    break: referencesTimers,
  },
  {
    name: 'hold-taken-at-wake',
    fault: 'The wake of a timer that is unreferenced takes what keeps the process alive for others.',
    base: 'epoll',
    convictedBy: ['lifecycle.ref-keeps-alive'],
    break: unreferencesAtWake,
  },
  {
    name: 'hold-taken-at-disposal',
    fault: 'The disposal of a pending timer that is unreferenced takes what keeps the process alive for others.',
    base: 'epoll',
    convictedBy: ['lifecycle.ref-keeps-alive'],
    break: unreferencesAtDisposal,
  },
  {
    name: 'hold-past-disposal-once-referenced',
    fault: 'A timer that was referenced while it was pending keeps the process alive past its disposal.',
    base: 'epoll',
    convictedBy: ['lifecycle.idle-lets-end'],
    break: holdsOnceReferenced,
  },
  {
    name: 'hold-counts-unrefs',
    fault: 'An object that was unreferenced twice has to be referenced twice.',
    base: 'epoll',
    convictedBy: ['lifecycle.references'],
    break: countsUnrefs,
  },
  {
    name: 'hold-poll-references',
    fault: 'A poll references its timer again.',
    base: 'epoll',
    convictedBy: ['lifecycle.unref-lets-end'],
    break: pollReferences,
  },
  {
    name: 'hold-again-with-poll',
    fault:
      'A driver that is referenced again keeps the process alive from the next poll on, and not for what is pending.',
    base: 'epoll',
    convictedBy: ['lifecycle.ref-keeps-alive'],
    break: referencesWithPoll,
  },
  {
    name: 'hold-again-past-disposal',
    fault: 'A driver that is referenced again keeps the process alive for what was disposed of meanwhile.',
    base: 'epoll',
    convictedBy: ['lifecycle.idle-lets-end'],
    break: inside(releasesIfReferenced),
  },
  {
    name: 'hold-taken-by-disposed',
    fault: 'Unreferencing a timer that was disposed of takes what keeps the process alive for others.',
    base: 'epoll',
    convictedBy: ['lifecycle.ref-keeps-alive'],
    break: unreferencesOnceDisposed,
  },
];
