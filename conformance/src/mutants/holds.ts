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
import { inDrivers, inObjects, inReadiness, inTimers, inWaits, wakersThrough } from '../seams/parts.js';
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

const unreferencesAll = inDrivers((driver) => {
  let referenced = true;
  const change = (become: boolean): Driver => {
    referenced = become;
    return become ? driver.ref() : driver.unref();
  };
  return {
    hasRef: () => referenced,
    ref: (() => change(true)) as Driver['ref'],
    unref: (() => change(false)) as Driver['unref'],
    newDynTimer: () => {
      const timer = driver.newDynTimer();
      const ref = (): PollTimer => {
        if (referenced) driver.ref();
        return timer.ref();
      };
      const unref = (): PollTimer => {
        driver.unref();
        return timer.unref();
      };
      return overlay(timer, { ref, unref } as Partial<PollTimer>);
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

/** Holds the loop from a read that gave too few bytes on. */
const holdsPastShortRead = inWaits((wait) => ({
  pollWait: (waker) => {
    try {
      return wait.pollWait(waker);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ERR_POLYRING_SHORT_READ') setInterval(() => {}, 3_600_000);
      throw error;
    }
  },
}));

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
    break: holdsPastShortRead,
  },
];
