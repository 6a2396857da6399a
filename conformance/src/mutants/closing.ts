import { type Driver, InterestSlot, Pending, PollEvents, type RawFd, type Waker } from '@polyring/core';
import { close, EPOLL_CTL_DEL, epollCtl, eventfd } from '@polyring/sys';
import { EpollSet } from '../../../packages/backend-epoll/dist/epoll-set.js';
import type { Change } from '../seams/change.js';
import { inside, replaceMethod } from '../seams/internals.js';
import { overlay } from '../seams/overlay.js';
import {
  inDrivers,
  inObjects,
  inReadiness,
  inTimers,
  inWakers,
  type Readiness,
  readinessThrough,
  wakersThrough,
} from '../seams/parts.js';
import type { Mutant } from './mutant.js';

/** A waker that is called by events, and not by the close of the driver. */
function unlessClosed(driver: Driver, waker: Waker): Waker {
  return () => {
    if (!driver.closed) waker();
  };
}

/** A fault of closing, which forgets some waiters of registrations. */
function forgets(isForgotten: (slot: number, events: PollEvents) => boolean): Change {
  return inReadiness((driver) => (readiness) => ({
    poll: (waker, slot, events) =>
      readiness.poll(isForgotten(slot, events) ? unlessClosed(driver, waker) : waker, slot, events),
  }));
}

const forgetsSocketWriters = inDrivers((driver) => ({
  newDynSocketReady: (fd) => {
    const socket = driver.newDynSocketReady(fd);
    return overlay(socket, {
      pollSocketReady: (waker, slot, events) =>
        socket.pollSocketReady(slot === InterestSlot.Write ? unlessClosed(driver, waker) : waker, slot, events),
    });
  },
}));

/** Calls the wakers of a close when all of them are collected. */
const collectsWaiters = inWakers((driver) => (waker) => () => {
  if (driver.closed) queueMicrotask(waker);
  else waker();
});

const silentUnreferenced = inWakers((driver) => (waker) => () => {
  if (driver.hasRef() || !driver.closed) waker();
});

const forgetsInfinity = inDrivers((driver) => ({
  newDynTimer: () => {
    const timer = driver.newDynTimer();
    return overlay(timer, {
      pollTimer: (waker, deadline) =>
        timer.pollTimer(deadline === Number.POSITIVE_INFINITY ? unlessClosed(driver, waker) : waker, deadline),
    });
  },
}));

const forgetsUnreferenced = inTimers((timer) => ({
  pollTimer: (waker, deadline) =>
    timer.pollTimer(() => {
      if (timer.hasRef()) waker();
    }, deadline),
}));

const forgetsCancels = inDrivers((driver) => ({
  newDynWait: (fd, readSize) => {
    const wait = driver.newDynWait(fd, readSize);
    return overlay(wait, { pollCancelWait: (waker) => wait.pollCancelWait(unlessClosed(driver, waker)) });
  },
}));

/** A close that a waker calls leaves those asleep whom it should wake. */
const silentInWaker = inDrivers((driver) => {
  let isCalled = false;
  let silent = false;
  const watched = (waker: Waker): Waker => {
    return () => {
      if (silent) return;
      isCalled = true;
      try {
        waker();
      } finally {
        isCalled = false;
      }
    };
  };
  return {
    ...wakersThrough(driver, watched),
    close: () => {
      silent ||= isCalled;
      return driver.close();
    },
  };
});

/** Wakes the waiters of registrations when the promise of the close has been resolved. */
const wakesBehindTheEnd = inReadiness((driver) => (readiness) => ({
  poll: (waker, slot, events) =>
    readiness.poll(
      () => {
        if (driver.closed) setImmediate(waker);
        else waker();
      },
      slot,
      events,
    ),
}));

/** What a timer's waker polls in the course of a close is pending, and nobody wakes it again. */
const pendingAtTheEnd = inDrivers((driver) => ({
  newDynTimer: () => {
    const timer = driver.newDynTimer();
    let ending = false;
    return overlay(timer, {
      pollTimer: (waker, deadline) => {
        if (ending) return Pending;
        return timer.pollTimer(() => {
          ending = driver.closed;
          waker();
          ending = false;
        }, deadline);
      },
    });
  },
}));

/** A closed driver takes the waiters of its descriptors along, those of other drivers as well. */
const closesDescriptorsForAll: Change = (base) => {
  const closed = new Set<RawFd>();
  return inDrivers((driver) => {
    const registered = new Set<RawFd>();
    const change = (readiness: Readiness, fd: RawFd): Partial<Readiness> => {
      registered.add(fd);
      closed.delete(fd);
      const isTaken = (): boolean => closed.has(fd) && !driver.closed;
      return { poll: (waker, ...polled) => readiness.poll(() => isTaken() || waker(), ...polled) };
    };
    return {
      ...readinessThrough(driver, change),
      close: () => {
        for (const fd of registered) closed.add(fd);
        return driver.close();
      },
    };
  })(base);
};

/** The disposal of a driver does not wait for the close that it begins. */
const disposalIsEarly = inDrivers((driver) => ({
  [Symbol.asyncDispose]: async () => {
    void driver.close();
  },
}));

const secondIsEarly = inDrivers((driver) => ({
  close: () => (driver.closed ? Promise.resolve() : driver.close()),
}));

const secondForgives = inDrivers((driver) => ({
  close: () => (driver.closed ? driver.close().catch(() => {}) : driver.close()),
}));

/** Closes the number of its set each time that it is closed, whoever has that number by then. */
const closesNumberAgain: Change = (base) => {
  let latest: RawFd | undefined;
  replaceMethod(EpollSet.prototype, 'close', (closeSet) => {
    return function (this: EpollSet) {
      latest = this.fd;
      closeSet.call(this);
    };
  });
  return inDrivers((driver) => {
    let number: RawFd | undefined;
    return {
      close: () => {
        if (number !== undefined) closeWhatever(number);
        const end = driver.close();
        number = latest;
        return end;
      },
    };
  })(base);
};

/** Has a descriptor for its disposal, and closes it by its number each time. */
const objectsCloseAgain = inObjects((object) => {
  let number: RawFd | undefined;
  return {
    [Symbol.dispose]: () => {
      number ??= eventfd();
      closeWhatever(number);
      object[Symbol.dispose]();
    },
  };
});

/** Takes registrations out of a set that is closed by its number, which may be that of the next driver's set. */
const leavesNextSet = inside(() => {
  const closed = new WeakSet<EpollSet>();
  replaceMethod(EpollSet.prototype, 'close', (closeSet) => {
    return function (this: EpollSet) {
      closed.add(this);
      closeSet.call(this);
    };
  });
  replaceMethod(EpollSet.prototype, 'leave', (leave) => {
    return function (this: EpollSet, registration, member) {
      leave.call(this, registration, member);
      if (closed.has(this)) epollCtl(this.fd, EPOLL_CTL_DEL, registration.fd, 0, 0, 0);
    };
  });
});

function closeWhatever(number: RawFd): void {
  try {
    close(number);
  } catch {
    // It is nobody's at the moment.
  }
}

/** Drivers that close in a wrong way. */
export const closingMutants: readonly Mutant[] = [
  {
    name: 'closing-forgets-writers',
    fault: 'Closing wakes the waiters of reading slots, and not those of writing slots.',
    base: 'epoll',
    convictedBy: ['lifecycle.close-wakes'],
    break: forgets((slot) => slot === 1),
  },
  {
    name: 'closing-forgets-socket-writers',
    fault: 'Closing wakes the waiters of sockets that read, and not of those that write.',
    base: 'epoll',
    convictedBy: ['lifecycle.close-wakes'],
    break: forgetsSocketWriters,
  },
  {
    name: 'closing-collects-waiters',
    fault: 'A close calls the wakers of all who wait when it begins, also of what the first of them disposes of.',
    base: 'epoll',
    convictedBy: ['scope.dispose-in-waker'],
    break: collectsWaiters,
  },
  {
    name: 'closing-unreferenced-is-silent',
    fault: 'Closing a driver that is unreferenced wakes nobody.',
    base: 'epoll',
    convictedBy: ['lifecycle.close-wakes'],
    break: silentUnreferenced,
  },
  {
    name: 'closing-forgets-empty-masks',
    fault: 'Closing does not wake who polled for no event.',
    base: 'epoll',
    convictedBy: ['lifecycle.close-wakes'],
    break: forgets((_slot, events) => events === PollEvents.EMPTY),
  },
  {
    name: 'closing-forgets-infinity',
    fault: 'Closing does not wake the waiters of timers at Infinity.',
    base: 'epoll',
    convictedBy: ['lifecycle.close-wakes'],
    break: forgetsInfinity,
  },
  {
    name: 'closing-forgets-unreferenced',
    fault: 'A timer that is unreferenced does not wake its waiter, neither at its deadline nor at the close.',
    base: 'epoll',
    convictedBy: ['lifecycle.close-wakes', 'lifecycle.unreferenced-wakes'],
    break: forgetsUnreferenced,
  },
  {
    name: 'closing-forgets-cancels',
    fault: 'Closing does not wake who waits for the end of a cancel.',
    base: 'uring',
    convictedBy: ['lifecycle.close-wakes'],
    break: forgetsCancels,
  },
  {
    name: 'closing-in-waker-is-silent',
    fault: 'A close that a waker calls wakes nobody else.',
    base: 'epoll',
    convictedBy: ['lifecycle.close-in-waker'],
    break: silentInWaker,
  },
  {
    name: 'closing-wakes-behind-the-end',
    fault: 'Closing wakes the waiters of registrations when its promise has been resolved.',
    base: 'epoll',
    convictedBy: ['lifecycle.close-wakes'],
    break: wakesBehindTheEnd,
  },
  {
    name: 'closing-pending-at-the-end',
    fault: 'A timer is pending when its waker polls it that a close has called.',
    base: 'epoll',
    convictedBy: ['lifecycle.close-wakes'],
    break: pendingAtTheEnd,
  },
  {
    name: 'closing-takes-descriptors',
    fault: 'Closing a driver silences the registrations that other drivers have of its descriptors.',
    base: 'epoll',
    convictedBy: ['lifecycle.two-drivers'],
    break: closesDescriptorsForAll,
  },
  {
    name: 'closing-disposal-is-early',
    fault: 'Disposing of a driver resolves before the driver is closed.',
    base: 'uring',
    convictedBy: ['lifecycle.close-twice'],
    break: disposalIsEarly,
  },
  {
    name: 'closing-second-is-early',
    fault: 'A second call of close resolves before the first.',
    base: 'uring',
    convictedBy: ['lifecycle.close-twice'],
    break: secondIsEarly,
  },
  {
    name: 'closing-second-forgives',
    fault: 'A second call of close resolves, whatever the first one has left behind.',
    base: 'stormy',
    convictedBy: ['lifecycle.close-timeout'],
    break: secondForgives,
  },
  {
    name: 'closing-closes-number-again',
    fault: 'Each close closes the descriptor of the set by its number, which somebody else may have by then.',
    base: 'epoll',
    convictedBy: ['lifecycle.close-twice'],
    break: closesNumberAgain,
  },
  {
    name: 'closing-closes-number-of-object',
    fault: 'Each disposal of an object closes a descriptor by its number, which somebody else may have by then.',
    base: 'epoll',
    convictedBy: ['lifecycle.dispose-twice'],
    break: objectsCloseAgain,
  },
  {
    name: 'closing-leaves-next-set',
    fault: 'An object of a closed driver is taken out of the set of the next one, which has the number now.',
    base: 'epoll',
    convictedBy: ['lifecycle.use-after-close'],
    break: leavesNextSet,
  },
];
