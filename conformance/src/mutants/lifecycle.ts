import {
  closedError,
  type Driver,
  disposedError,
  type InterestSlot,
  IORING_OP_NOP,
  now,
  Pending,
  type Poll,
  type PollEvents,
  type Waker,
} from '@polyring/core';
import { close, eventfd } from '@polyring/sys';
import type { Change } from '../seams/change.js';
import { everyNth } from '../seams/counter.js';
import { inside } from '../seams/internals.js';
import { overlay } from '../seams/overlay.js';
import { inDrivers, inObjects, inReadiness, inTimers, inWakers, wakersThrough } from '../seams/parts.js';
import type { Mutant } from './mutant.js';

/** Something that keeps the event loop alive until it is cleared. */
function holdLoop(): NodeJS.Timeout {
  return setInterval(() => {}, 3_600_000);
}

const disposesOnce = inObjects((object) => {
  let disposed = false;
  return {
    [Symbol.dispose]: () => {
      if (disposed) throw disposedError('object');
      disposed = true;
      object[Symbol.dispose]();
    },
  };
});

const pollsAfterDispose = inTimers((timer) => {
  let disposed = false;
  return {
    pollTimer: (waker, deadline) => (disposed ? Pending : timer.pollTimer(waker, deadline)),
    [Symbol.dispose]: () => {
      disposed = true;
      timer[Symbol.dispose]();
    },
  };
});

/** A fault of registrations, which tell of what is kept for a slot though they, or their driver, are over. */
function keepsPast(end: 'disposal' | 'close'): Change {
  return inReadiness((driver) => (readiness) => {
    const kept = new Map<InterestSlot, Poll<PollEvents>>();
    let disposed = false;
    return {
      poll: (waker, slot, events) => {
        const isOver = end === 'disposal' ? disposed : driver.closed;
        const answer = (isOver && kept.get(slot)) || readiness.poll(waker, slot, events);
        if (answer !== Pending) kept.set(slot, answer);
        return answer;
      },
      [Symbol.dispose]: () => {
        disposed = true;
        readiness[Symbol.dispose]();
      },
    };
  });
}

const tellsTimeOnceClosed = inDrivers((driver) => ({
  newDynTimer: () => {
    const timer = driver.newDynTimer();
    let due = false;
    return overlay(timer, {
      pollTimer: (waker, deadline) => {
        const answer = driver.closed && due ? now() : timer.pollTimer(waker, deadline);
        due = answer !== Pending;
        return answer;
      },
    });
  },
}));

/** Methods that do nothing once the driver is closed, and do not say so. */
const silentOnceClosed = inDrivers((driver) => {
  const unlessClosed = <A extends unknown[]>(call: (...args: A) => void): ((...args: A) => void) => {
    return (...args) => {
      if (!driver.closed) call(...args);
    };
  };
  return {
    newDynTimer: () => {
      const timer = driver.newDynTimer();
      return overlay(timer, { setDeadline: unlessClosed((deadline) => timer.setDeadline(deadline)) });
    },
    newDynFdReady: (fd) => {
      const readiness = driver.newDynFdReady(fd);
      return overlay(readiness, {
        clearFdReady: unlessClosed((slot, drained) => readiness.clearFdReady(slot, drained)),
      });
    },
  };
});

const cancelOnceClosed = inDrivers((driver) => ({
  newDynWait: (fd, readSize) => {
    const wait = driver.newDynWait(fd, readSize);
    return overlay(wait, { pollCancelWait: (waker) => (driver.closed ? false : wait.pollCancelWait(waker)) });
  },
}));

const leaksWithObjects = inObjects((object) => {
  let fd: number | undefined = eventfd(0);
  return {
    [Symbol.dispose]: () => {
      if (fd !== undefined) close(fd);
      fd = undefined;
      object[Symbol.dispose]();
    },
  };
});

const probesOnceClosed = inDrivers((driver) => {
  const supported = driver.ioUringProbe(IORING_OP_NOP);
  return { ioUringProbe: (opcode) => (opcode === IORING_OP_NOP ? supported : driver.ioUringProbe(opcode)) };
});

const closedWhenOver = inDrivers((driver) => {
  let closed = false;
  return {
    get closed() {
      return closed;
    },
    close: async () => {
      await driver.close();
      closed = true;
    },
  };
});

const closesOnce = inDrivers((driver) => ({
  close: () => (driver.closed ? Promise.reject(closedError(driver.name)) : driver.close()),
}));

/** A fault of closing, which waits for ever where a waker of these objects has called it. */
function closeWaitsForWakers(...makers: readonly (keyof Driver)[]): Change {
  return inDrivers((driver) => {
    let depth = 0;
    const counted = (waker: Waker): Waker => {
      return () => {
        depth += 1;
        try {
          waker();
        } finally {
          depth -= 1;
        }
      };
    };
    const made = Object.entries(wakersThrough(driver, counted)).filter(([maker]) =>
      makers.includes(maker as keyof Driver),
    );
    return {
      ...Object.fromEntries(made),
      close: () => (depth > 0 ? new Promise(() => {}) : driver.close()),
    };
  });
}

/** The drivers of this thread. */
const drivers = new Set<Driver>();

const closesForAll = inDrivers((driver) => {
  drivers.add(driver);
  return { close: async () => void (await Promise.all([...drivers].map((each) => each.close()))) };
});

const unreferencesAll = inDrivers((driver) => {
  drivers.add(driver);
  return {
    unref: () => {
      for (const each of drivers) each.unref();
      return driver;
    },
  };
});

const leaksAtTimes: Change = (base) => {
  const isLeaky = everyNth(50);
  return overlay(base, {
    create: (options) => {
      if (isLeaky()) eventfd(0);
      return base.create(options);
    },
  });
};

const ignoresUnref: Change = (base) => {
  const objects = inObjects((object) => ({ unref: () => object }) as Partial<typeof object>);
  return inDrivers((driver) => ({ unref: () => driver }) as Partial<typeof driver>)(objects(base));
};

const neverHolds: Change = (base) => overlay(base, { create: (options) => base.create(options).unref() });

const holdsUntilClosed = inDrivers((driver) => {
  const hold = holdLoop();
  return {
    close: () => {
      clearInterval(hold);
      return driver.close();
    },
  };
});

const holdsFromClose = inDrivers((driver) => ({
  close: () => {
    holdLoop();
    return driver.close();
  },
}));

const leaksWithThread = inDrivers((driver) => {
  let fd: number | undefined = eventfd(0);
  return {
    close: () => {
      if (fd !== undefined) close(fd);
      fd = undefined;
      return driver.close();
    },
  };
});

/** Drivers that do not end, hold or let go as they should. */
export const lifecycleMutants: readonly Mutant[] = [
  {
    name: 'lifecycle-disposes-once',
    fault: 'Disposing of an object a second time throws.',
    base: 'epoll',
    convictedBy: ['lifecycle.dispose-twice'],
    break: disposesOnce,
  },
  {
    name: 'lifecycle-polls-after-dispose',
    fault: 'A timer that was disposed of is pending for ever.',
    base: 'epoll',
    convictedBy: ['lifecycle.use-after-dispose'],
    break: pollsAfterDispose,
  },
  {
    name: 'lifecycle-closed-when-over',
    fault: 'A driver says that it is closed when the close is over, and not from the call on.',
    base: 'epoll',
    convictedBy: ['lifecycle.use-after-close'],
    break: closedWhenOver,
  },
  {
    name: 'lifecycle-silent-once-closed',
    fault: 'Setting a deadline and clearing do nothing once the driver is closed.',
    base: 'epoll',
    convictedBy: ['lifecycle.use-after-close'],
    break: silentOnceClosed,
  },
  {
    name: 'lifecycle-keeps-past-disposal',
    fault: 'A registration that was disposed of tells of what it was told before.',
    base: 'epoll',
    convictedBy: ['lifecycle.use-after-dispose'],
    break: keepsPast('disposal'),
  },
  {
    name: 'lifecycle-keeps-past-close',
    fault: 'A registration of a closed driver tells of what it was told before.',
    base: 'epoll',
    convictedBy: ['lifecycle.use-after-close'],
    break: keepsPast('close'),
  },
  {
    name: 'lifecycle-due-past-close',
    fault: 'A timer of a closed driver that was due before tells the time.',
    base: 'epoll',
    convictedBy: ['lifecycle.use-after-close'],
    break: tellsTimeOnceClosed,
  },
  {
    name: 'lifecycle-cancels-once-closed',
    fault: 'A cancel of a wait is false once the driver is closed.',
    base: 'epoll',
    convictedBy: ['lifecycle.use-after-close'],
    break: cancelOnceClosed,
  },
  {
    name: 'lifecycle-probes-once-closed',
    fault: 'A driver that is closed goes on to say which opcodes it supports.',
    base: 'uring',
    convictedBy: ['lifecycle.use-after-close'],
    break: probesOnceClosed,
  },
  {
    name: 'lifecycle-another-name',
    fault: 'A driver has a name of its own.',
    base: 'epoll',
    convictedBy: ['lifecycle.own-name'],
    break: inDrivers(() => ({ name: 'driver' })),
  },
  {
    name: 'lifecycle-leaks-with-objects',
    fault: 'A descriptor of an object is closed when the object is disposed of, and not when its driver is closed.',
    base: 'epoll',
    convictedBy: ['lifecycle.many-drivers'],
    break: leaksWithObjects,
  },
  {
    name: 'lifecycle-close-is-silent',
    fault: 'Closing wakes nobody.',
    base: 'epoll',
    convictedBy: ['lifecycle.close-wakes', 'lifecycle.close-in-flight'],
    break: inWakers((driver) => (waker) => () => {
      if (!driver.closed) waker();
    }),
  },
  {
    name: 'lifecycle-closes-once',
    fault: 'Closing a second time is refused with ERR_POLYRING_CLOSED.',
    base: 'epoll',
    convictedBy: ['lifecycle.close-twice'],
    break: closesOnce,
  },
  {
    name: 'lifecycle-close-is-early',
    fault: 'Closing resolves before the operations in flight are over.',
    base: 'uring',
    convictedBy: ['lifecycle.close-in-flight'],
    break: inDrivers((driver) => ({
      close: async () => {
        void driver.close();
      },
    })),
  },
  {
    name: 'lifecycle-close-waits-for-drain',
    fault: 'Closing waits for the drain that it was called in.',
    base: 'epoll',
    convictedBy: ['lifecycle.close-in-waker'],
    break: closeWaitsForWakers('newDynTimer', 'newDynFdReady', 'newDynSocketReady', 'newDynWait'),
  },
  {
    name: 'lifecycle-close-waits-for-timer',
    fault: 'Closing waits for the waker of a timer that it was called in.',
    base: 'epoll',
    convictedBy: ['lifecycle.close-in-waker'],
    break: closeWaitsForWakers('newDynTimer'),
  },
  {
    name: 'lifecycle-closes-for-all',
    fault: 'Closing one driver closes every driver of the thread.',
    base: 'epoll',
    convictedBy: ['lifecycle.two-drivers'],
    break: closesForAll,
  },
  {
    name: 'lifecycle-unreferences-all',
    fault: 'Unreferencing one driver unreferences every driver of the thread.',
    base: 'epoll',
    convictedBy: ['lifecycle.two-drivers'],
    break: unreferencesAll,
  },
  {
    name: 'lifecycle-leaks-at-times',
    fault: 'Every 50th driver leaves a descriptor open.',
    base: 'epoll',
    convictedBy: ['lifecycle.many-drivers'],
    break: leaksAtTimes,
  },
  {
    name: 'lifecycle-ignores-unref',
    fault: 'Unreferencing does nothing.',
    base: 'epoll',
    convictedBy: ['lifecycle.references', 'lifecycle.unref-lets-end', 'lifecycle.worker-unreferenced'],
    break: ignoresUnref,
  },
  {
    name: 'lifecycle-unref-stops',
    fault: 'An unreferenced driver delivers nothing.',
    base: 'epoll',
    convictedBy: ['lifecycle.unreferenced-wakes'],
    break: inWakers((driver) => (waker) => () => {
      if (driver.hasRef()) waker();
    }),
  },
  {
    name: 'lifecycle-never-holds',
    fault: 'Pending work does not keep the process alive.',
    base: 'epoll',
    convictedBy: ['lifecycle.ref-keeps-alive'],
    break: neverHolds,
  },
  {
    name: 'lifecycle-holds-until-closed',
    fault: 'A driver keeps the process alive from its creation to its close.',
    base: 'epoll',
    convictedBy: ['lifecycle.idle-lets-end'],
    break: holdsUntilClosed,
  },
  {
    name: 'lifecycle-holds-from-close',
    fault: 'A timer that closing started keeps the thread alive.',
    base: 'epoll',
    convictedBy: ['lifecycle.close-lets-end', 'lifecycle.worker-closes'],
    break: holdsFromClose,
  },
  {
    name: 'lifecycle-exit-hook',
    fault: 'A hook at the end of the process sets the exit code to 0.',
    base: 'epoll',
    convictedBy: ['lifecycle.exit-in-waker'],
    break: inside(() => {
      process.on('exit', () => {
        process.exitCode = 0;
      });
    }),
  },
  {
    name: 'lifecycle-leaks-with-thread',
    fault: 'A descriptor is closed by closing the driver, and stays open where its thread ends before that.',
    base: 'epoll',
    convictedBy: ['lifecycle.worker-terminated', 'lifecycle.worker-exits'],
    break: leaksWithThread,
  },
];
