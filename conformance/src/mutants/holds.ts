import { DriverHold, InterestSet, InterestSlot, Pending, PollEvents, type PollWait } from '@polyring/core';
import type { Change } from '../seams/change.js';
import { inside, replaceGetter, replaceMethod } from '../seams/internals.js';
import { overlay } from '../seams/overlay.js';
import { inDrivers, inReadiness, inTimers, inWaits, readinessThrough } from '../seams/parts.js';
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
