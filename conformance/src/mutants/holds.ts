import {
  type Driver,
  DriverHold,
  InterestSet,
  InterestSlot,
  Pending,
  PollEvents,
  type PollTimer,
  type PollWait,
} from '@polyring/core';
import type { Change } from '../seams/change.js';
import { inside, replaceGetter, replaceMethod } from '../seams/internals.js';
import { overlay } from '../seams/overlay.js';
import {
  inDrivers,
  inObjects,
  inReadiness,
  inTimers,
  inWaits,
  readinessThrough,
  wakersThrough,
} from '../seams/parts.js';
import type { Mutant } from './mutant.js';

/** A fault of waits that hold the event loop from a poll that is pending to their wake, and past one other end. */
function holdsPast(end: 'answer' | 'cancel'): Change {
  return inWaits((wait): Partial<PollWait> => {
    let hold: NodeJS.Timeout | undefined;
    const letGo = (): void => {
      clearInterval(hold);
      hold = undefined;
    };
    return {
      pollWait: (waker) => {
        const answer = wait.pollWait(() => {
          letGo();
          waker();
        });
        if (answer === Pending) hold ??= setInterval(() => {}, 3_600_000);
        else if (end !== 'answer') letGo();
        return answer;
      },
      pollCancelWait: (waker) => {
        if (end !== 'cancel') letGo();
        return wait.pollCancelWait(waker);
      },
      [Symbol.dispose]: () => {
        letGo();
        wait[Symbol.dispose]();
      },
    };
  });
}

const infinityHoldsNothing = inTimers((timer) => ({
  pollTimer: (waker, deadline) => {
    if (deadline === Number.POSITIVE_INFINITY) timer.unref();
    return timer.pollTimer(waker, deadline);
  },
}));

const emptyMaskHoldsNothing = inDrivers((driver) => ({
  newDynFdReady: (fd) => {
    const readiness = driver.newDynFdReady(fd);
    return overlay(readiness, {
      pollFdReady: (waker, slot, events) => {
        if (events === PollEvents.EMPTY) readiness.unref();
        return readiness.pollFdReady(waker, slot, events);
      },
    });
  },
}));

/** Takes note of whether anybody waits, and not of how many do. */
function holdsOnce(): void {
  const held = new WeakSet<DriverHold>();
  replaceMethod(DriverHold.prototype, 'hold', (hold) => {
    return function (this: DriverHold) {
      if (held.has(this)) return;
      held.add(this);
      hold.call(this);
    };
  });
  replaceMethod(DriverHold.prototype, 'release', (release) => {
    return function (this: DriverHold) {
      if (held.delete(this)) release.call(this);
    };
  });
}

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

/** The first of two slots that is told lets go of what holds both. */
const holdsForOneSlot = inDrivers((driver) => ({
  newDynFdReady: (fd) => {
    const readiness = driver.newDynFdReady(fd);
    return overlay(readiness, {
      pollFdReady: (waker, slot, events) => {
        const answer = readiness.pollFdReady(waker, slot, events);
        if (answer === Pending) readiness.ref();
        else readiness.unref();
        return answer;
      },
    });
  },
}));

/** Holds the loop for a writing slot that waits, and lets go when it is woken. */
const holdsPastDisposal = inReadiness(() => (readiness) => {
  let hold: NodeJS.Timeout | undefined;
  return {
    poll: (waker, slot, events) => {
      if (slot !== InterestSlot.Write) return readiness.poll(waker, slot, events);
      const wake = (): void => {
        clearInterval(hold);
        waker();
      };
      const answer = readiness.poll(wake, slot, events);
      clearInterval(hold);
      if (answer === Pending) hold = setInterval(() => {}, 3_600_000);
      return answer;
    },
  };
});

/** A fault of holds that only events release: closing wakes the waiter and leaves the hold. */
const holdsPastClose = inDrivers((driver) => ({
  newDynWait: (fd, readSize) => {
    const wait = driver.newDynWait(fd, readSize);
    let hold: NodeJS.Timeout | undefined;
    return overlay(wait, {
      pollWait: (waker) => {
        const answer = wait.pollWait(() => {
          if (!driver.closed) clearInterval(hold);
          waker();
        });
        clearInterval(hold);
        if (answer === Pending) hold = setInterval(() => {}, 3_600_000);
        return answer;
      },
      [Symbol.dispose]: () => {
        clearInterval(hold);
        wait[Symbol.dispose]();
      },
    });
  },
}));

const socketWriterHoldsNothing = inDrivers((driver) => ({
  newDynSocketReady: (socket) => {
    const readiness = driver.newDynSocketReady(socket);
    return overlay(readiness, {
      pollSocketReady: (waker, slot, events) => {
        if (slot === InterestSlot.Write) readiness.unref();
        return readiness.pollSocketReady(waker, slot, events);
      },
    });
  },
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

/** Holds the loop for ever once a poll has thrown an error with this code. */
function holdsPastError(code: string): Change {
  return inDrivers((driver) => {
    const holding = <A extends unknown[], T>(poll: (...args: A) => T): ((...args: A) => T) => {
      return (...args) => {
        try {
          return poll(...args);
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code === code) setInterval(() => {}, 3_600_000);
          throw error;
        }
      };
    };
    return {
      ...readinessThrough(driver, (readiness) => ({ poll: holding((...polled) => readiness.poll(...polled)) })),
      newDynWait: (fd, readSize) => {
        const wait = driver.newDynWait(fd, readSize);
        return overlay(wait, { pollWait: holding((waker) => wait.pollWait(waker)) });
      },
    };
  });
}

/** Drivers that keep the process alive for what is over, or let it end before what is not. */
export const holdMutants: readonly Mutant[] = [
  {
    name: 'hold-past-answer',
    fault: 'A wait that a poll ends before its wake keeps the process alive.',
    base: 'epoll',
    convictedBy: ['lifecycle.idle-lets-end'],
    break: holdsPast('answer'),
  },
  {
    name: 'hold-past-cancel',
    fault: 'A wait that was cancelled keeps the process alive.',
    base: 'epoll',
    convictedBy: ['lifecycle.idle-lets-end'],
    break: holdsPast('cancel'),
  },
  {
    name: 'hold-not-for-infinity',
    fault: 'A timer at Infinity that is waited for does not keep the process alive.',
    base: 'epoll',
    convictedBy: ['lifecycle.ref-keeps-alive'],
    break: infinityHoldsNothing,
  },
  {
    name: 'hold-not-for-empty-mask',
    fault: 'A registration that is polled for no event does not keep the process alive.',
    base: 'epoll',
    convictedBy: ['lifecycle.ref-keeps-alive'],
    break: emptyMaskHoldsNothing,
  },
  {
    name: 'hold-is-a-flag',
    fault: 'The first of several waiters that is woken takes what keeps the process alive for all.',
    base: 'epoll',
    convictedBy: ['lifecycle.ref-keeps-alive'],
    break: inside(holdsOnce),
  },
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
    name: 'hold-for-one-slot',
    fault: 'A slot that is told lets the process end, though the other one waits.',
    base: 'epoll',
    convictedBy: ['lifecycle.ref-keeps-alive'],
    break: holdsForOneSlot,
  },
  {
    name: 'hold-past-disposal-of-writer',
    fault: 'A writing slot that waits keeps the process alive past its disposal.',
    base: 'epoll',
    convictedBy: ['lifecycle.idle-lets-end'],
    break: holdsPastDisposal,
  },
  {
    name: 'hold-for-writing-slot',
    fault: 'Once one slot is told, the process is kept alive for the writing one alone.',
    base: 'epoll',
    convictedBy: ['lifecycle.ref-keeps-alive'],
    break: inside(() =>
      replaceGetter(InterestSet.prototype, 'anyWaiting', (_any, set) => set.waiting(InterestSlot.Write)),
    ),
  },
  {
    name: 'hold-past-close',
    fault: 'A wait that is pending when its driver closes keeps the process alive.',
    base: 'epoll',
    convictedBy: ['lifecycle.close-lets-end'],
    break: holdsPastClose,
  },
  {
    name: 'hold-not-for-socket-writers',
    fault: 'A socket whose writing slot waits does not keep the process alive.',
    base: 'epoll',
    convictedBy: ['lifecycle.ref-keeps-alive'],
    break: socketWriterHoldsNothing,
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
    name: 'hold-taken-by-disposed',
    fault: 'Unreferencing a timer that was disposed of takes what keeps the process alive for others.',
    base: 'epoll',
    convictedBy: ['lifecycle.ref-keeps-alive'],
    break: unreferencesOnceDisposed,
  },
  {
    name: 'hold-past-short-read',
    fault: 'A wait that read too few bytes keeps the process alive.',
    base: 'epoll',
    convictedBy: ['lifecycle.idle-lets-end'],
    break: holdsPastError('ERR_POLYRING_SHORT_READ'),
  },
  {
    name: 'hold-past-read-error',
    fault: 'A wait whose read has failed keeps the process alive.',
    base: 'epoll',
    convictedBy: ['lifecycle.idle-lets-end'],
    break: holdsPastError('EINVAL'),
  },
  {
    name: 'hold-past-bad-descriptor',
    fault: 'A slot whose poll has thrown, as its descriptor was closed, keeps the process alive.',
    base: 'epoll',
    convictedBy: ['lifecycle.idle-lets-end'],
    break: holdsPastError('EBADF'),
  },
];
