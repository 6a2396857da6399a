import { fstatSync } from 'node:fs';
import {
  ALWAYS_REPORTED,
  type Driver,
  InterestSlot,
  Pending,
  PollEvents,
  type RawFd,
  type Waker,
} from '@polyring/core';
import { close, dup, EPOLL_CTL_ADD, EPOLL_CTL_DEL, EPOLLET, epollCtl } from '@polyring/sys';
import { EpollSet } from '../../../packages/backend-epoll/dist/epoll-set.js';
import type { Registration } from '../../../packages/backend-epoll/dist/registration.js';
import { RegistrationTable } from '../../../packages/backend-epoll/dist/registration-table.js';
import { Engine } from '../../../packages/backend-uring/dist/engine/engine.js';
import type { Change } from '../seams/change.js';
import { inside, replaceMethod } from '../seams/internals.js';
import { overlay } from '../seams/overlay.js';
import { inDrivers, inReadiness, inWakers } from '../seams/parts.js';
import type { Mutant } from './mutant.js';

/** A fault of taking a member out of a registration of epoll. */
function leaving(change: (set: EpollSet, registration: Registration, leave: () => void) => void): Change {
  return inside(() =>
    replaceMethod(EpollSet.prototype, 'leave', (leave) => {
      return function (this: EpollSet, registration, member) {
        change(this, registration, () => leave.call(this, registration, member));
      };
    }),
  );
}

/** Takes the wakers of both slots of an object before it calls the first, whose error takes the second with it. */
const takesBothSlots = inReadiness(() => (readiness) => {
  let taken: { slot: InterestSlot; waker: Waker }[] = [];
  const call = (): void => {
    for (const { waker } of taken.splice(0)) waker();
  };
  return {
    poll: (waker, slot, events) => {
      taken = taken.filter((each) => each.slot !== slot);
      const take = (): void => {
        if (taken.length === 0) queueMicrotask(call);
        taken.push({ slot, waker });
      };
      return readiness.poll(take, slot, events);
    },
    [Symbol.dispose]: () => {
      taken = [];
      readiness[Symbol.dispose]();
    },
  };
});

/** A fault of the end of a registration: the kernel goes on to report it, as nobody's. */
function leavesItem(events: number): Change {
  return leaving((set, { fd, members }, leave) => {
    const isLast = members.length === 1;
    leave();
    if (isLast) epollCtl(set.fd, EPOLL_CTL_ADD, fd, events, 0, 0);
  });
}

/** Silences an item for which nobody waits, when it has an event, and never takes it out. */
const silencesItems = inside(() =>
  replaceMethod(EpollSet.prototype, 'leave', () => (registration, member) => {
    registration.members = registration.members.filter((each) => each !== member);
  }),
);

const watchesDuplicates = inDrivers((driver) => {
  const onDuplicate = <T extends Disposable>(fd: number, make: (duplicate: number) => T): T => {
    const duplicate = dup(fd);
    const made = make(duplicate);
    const dispose = (): void => {
      made[Symbol.dispose]();
      setImmediate(() => close(duplicate));
    };
    return overlay(made, { [Symbol.dispose]: dispose } as Partial<T>);
  };
  return {
    newDynFdReady: (fd) => onDuplicate(fd, (duplicate) => driver.newDynFdReady(duplicate)),
    newDynSocketReady: (fd) => onDuplicate(fd, (duplicate) => driver.newDynSocketReady(duplicate)),
  };
});

/** Disposing of a registration inside a waker waits for the end of the batch, and only silences it until then. */
const waitsForBatch = inReadiness(() => {
  let depth = 0;
  return (readiness) => {
    let disposed = false;
    return {
      poll: (waker, slot, events) => {
        const counted = (): void => {
          if (disposed) return;
          depth += 1;
          try {
            waker();
          } finally {
            depth -= 1;
          }
        };
        return readiness.poll(counted, slot, events);
      },
      [Symbol.dispose]: () => {
        disposed = true;
        if (depth > 0) setImmediate(() => readiness[Symbol.dispose]());
        else readiness[Symbol.dispose]();
      },
    };
  };
});

/** Disposing of a registration of a descriptor ends that of the same socket, and the other way round. */
const endsOtherPart = inDrivers((driver) => {
  const ends = new Map<RawFd, (() => void)[]>();
  const track = <T extends Disposable>(fd: RawFd, made: T, isSocket: boolean): T => {
    const others = ends.get(isSocket ? -fd : fd) ?? [];
    const mine = ends.get(isSocket ? fd : -fd) ?? [];
    ends.set(isSocket ? -fd : fd, others).set(isSocket ? fd : -fd, mine);
    mine.push(() => made[Symbol.dispose]());
    const dispose = (): void => {
      for (const end of others.splice(0)) end();
      made[Symbol.dispose]();
    };
    return overlay(made, { [Symbol.dispose]: dispose } as Partial<T>);
  };
  return {
    newDynFdReady: (fd) => track(fd, driver.newDynFdReady(fd), false),
    newDynSocketReady: (fd) => track(fd, driver.newDynSocketReady(fd), true),
  };
});

/** Watches a descriptor for nobody until the driver closes. */
function watchOn(driver: Driver, fd: RawFd): void {
  if (driver.closed) return;
  const readiness = driver.newDynFdReady(fd).unref();
  const watch = (): void => {
    if (driver.closed) return;
    readiness.clearFdReady(InterestSlot.Read);
    readiness.pollFdReady(watch, InterestSlot.Read, PollEvents.IN);
  };
  watch();
}

/** A fault of the end of an object: its descriptor is watched on. */
function watchesOn<T extends Disposable>(driver: Driver, fd: RawFd, object: T): T {
  const dispose = (): void => {
    object[Symbol.dispose]();
    watchOn(driver, fd);
  };
  return overlay(object, { [Symbol.dispose]: dispose } as Partial<T>);
}

const watchesSockets = inDrivers((driver) => ({
  newDynSocketReady: (fd) => watchesOn(driver, fd, driver.newDynSocketReady(fd)),
}));

const watchesBehindWaits = inDrivers((driver) => ({
  newDynWait: (fd, readSize) => watchesOn(driver, fd, driver.newDynWait(fd, readSize)),
}));

/** The end of a registration of a socket silences those of the file that has its number by then. */
const silencesSuccessors = inDrivers((driver) => {
  const silent = new Map<RawFd, Set<bigint>>();
  return {
    newDynSocketReady: (fd) => {
      const socket = driver.newDynSocketReady(fd);
      const own = inodeOf(fd);
      return overlay(socket, {
        pollSocketReady: (waker, slot, events) =>
          socket.pollSocketReady(
            () => {
              if (own === undefined || !silent.get(fd)?.has(own)) waker();
            },
            slot,
            events,
          ),
        [Symbol.dispose]: () => {
          const successor = inodeOf(fd);
          if (successor !== undefined && successor !== own) silent.set(fd, new Set(silent.get(fd)).add(successor));
          socket[Symbol.dispose]();
        },
      });
    },
  };
});

/** Undefined where the number is closed. */
function inodeOf(fd: RawFd): bigint | undefined {
  try {
    return fstatSync(fd, { bigint: true }).ino;
  } catch {
    return undefined;
  }
}

/** Keeps readiness by the number of the descriptor, past the disposal. */
const keepsByNumber = inReadiness(() => {
  const left = new Map<RawFd, Map<InterestSlot, PollEvents>>();
  return (readiness, fd) => {
    const told = left.get(fd) ?? new Map<InterestSlot, PollEvents>();
    left.delete(fd);
    return {
      poll: (waker, slot, events) => {
        const kept = (told.get(slot) ?? 0) & (events | ALWAYS_REPORTED);
        if (kept !== 0) return kept;
        const answer = readiness.poll(waker, slot, events);
        if (answer !== Pending) told.set(slot, answer);
        return answer;
      },
      clear: (slot, drained) => {
        told.delete(slot);
        readiness.clear(slot, drained);
      },
      [Symbol.dispose]: () => {
        left.set(fd, told);
        readiness[Symbol.dispose]();
      },
    };
  };
});

/** Finds registrations by their index alone. */
function withoutGenerations(): void {
  const tables = new WeakMap<RegistrationTable, Registration[]>();
  const entriesOf = (table: RegistrationTable): Registration[] => {
    const entries = tables.get(table) ?? [];
    tables.set(table, entries);
    return entries;
  };
  replaceMethod(RegistrationTable.prototype, 'make', (make) => {
    return function (this: RegistrationTable, fd, member) {
      const registration = make.call(this, fd, member);
      entriesOf(this)[registration.index] = registration;
      return registration;
    };
  });
  replaceMethod(RegistrationTable.prototype, 'find', (find) => {
    return function (this: RegistrationTable, index) {
      return find.call(this, index, entriesOf(this)[index]?.generation ?? 0);
    };
  });
}

/** Broken ends of registrations. */
export const disposalMutants: readonly Mutant[] = [
  {
    name: 'dispose-keeps-waiting',
    fault: 'Disposing of a registration leaves it in the set.',
    base: 'epoll',
    convictedBy: ['readiness.dispose-pending', 'socket.dispose-pending', 'readiness.duplicate'],
    break: inReadiness(() => () => ({ [Symbol.dispose]: () => {} })),
  },
  {
    name: 'dispose-after-collecting',
    fault: 'The wakers of a batch are collected before the first of them is called.',
    base: 'epoll',
    convictedBy: ['readiness.dispose-in-waker', 'socket.dispose-in-waker'],
    break: inWakers(() => (waker) => () => queueMicrotask(waker)),
  },
  {
    name: 'dispose-after-taking-both-slots',
    fault: 'The wakers of the two slots of an object are taken together before the first of them is called.',
    base: 'epoll',
    convictedBy: ['scope.dispose-in-waker', 'scope.poll-in-waker', 'scope.throwing-waker'],
    break: takesBothSlots,
  },
  {
    name: 'dispose-ends-shared',
    fault: 'Disposing of one registration of a descriptor ends the others.',
    base: 'epoll',
    convictedBy: ['readiness.two-registrations', 'socket.two-registrations'],
    break: leaving((_set, registration, leave) => {
      registration.members = registration.members.slice(0, 0);
      leave();
    }),
  },
  {
    name: 'dispose-ends-other-part',
    fault: 'Disposing of one registration ends those of the other part on the same descriptor.',
    base: 'epoll',
    convictedBy: ['readiness.two-registrations', 'socket.two-registrations'],
    break: endsOtherPart,
  },
  {
    name: 'dispose-closes-duplicate-late',
    fault: 'A duplicate of the descriptor is watched, which is closed in the turn after the disposal.',
    base: 'epoll',
    convictedBy: ['readiness.peer-sees-end', 'socket.peer-sees-end'],
    break: watchesDuplicates,
  },
  {
    name: 'dispose-waits-for-batch',
    fault: 'Disposing of a registration inside a waker leaves its poll in the kernel until the batch is over.',
    base: 'uring',
    convictedBy: ['readiness.peer-sees-end', 'socket.peer-sees-end'],
    break: waitsForBatch,
  },
  {
    name: 'dispose-cancels-late',
    fault: 'Disposing of a registration queues the cancel of its poll and does not enter the kernel.',
    base: 'uring',
    convictedBy: ['readiness.peer-sees-end', 'socket.peer-sees-end'],
    break: inside(() => replaceMethod(Engine.prototype, 'cancelNow', () => Engine.prototype.cancel)),
  },
  {
    name: 'dispose-leaves-item',
    fault: 'Disposing of a registration leaves its item in the set of the kernel, whose events are dropped.',
    base: 'epoll',
    convictedBy: ['readiness.disposed-is-quiet', 'socket.disposed-is-quiet'],
    break: leavesItem(PollEvents.IN | EPOLLET),
  },
  {
    name: 'dispose-leaves-level',
    fault: 'Disposing of a registration leaves its item in the set of the kernel, level-triggered: the loop spins.',
    base: 'epoll',
    convictedBy: ['readiness.disposed-is-quiet', 'socket.disposed-is-quiet'],
    break: leavesItem(PollEvents.IN),
  },
  {
    name: 'dispose-silences-items',
    fault:
      'Disposing leaves the item in the set, which is silenced by its number when it has events that nobody waits for.',
    base: 'epoll',
    convictedBy: ['readiness.disposed-is-quiet', 'socket.disposed-is-quiet', 'wait.disposed-is-quiet'],
    break: silencesItems,
  },
  {
    name: 'dispose-watches-sockets',
    fault: 'Disposing of the registration of a socket leaves its descriptor watched.',
    base: 'epoll',
    convictedBy: ['socket.disposed-is-quiet'],
    break: watchesSockets,
  },
  {
    name: 'dispose-watches-behind-waits',
    fault: 'Disposing of a wait leaves its descriptor watched.',
    base: 'epoll',
    convictedBy: ['wait.disposed-is-quiet'],
    break: watchesBehindWaits,
  },
  {
    name: 'dispose-keeps-by-number',
    fault: 'What was reported is kept by the number of the descriptor, for its successor as well.',
    base: 'epoll',
    convictedBy: ['readiness.reused-number', 'socket.reused-number'],
    break: keepsByNumber,
  },
  {
    name: 'dispose-stale-generation',
    fault: 'Registrations are found by their place in the table, and the generation is not compared.',
    base: 'epoll',
    convictedBy: ['readiness.reused-number'],
    break: inside(withoutGenerations),
  },
  {
    name: 'dispose-deletes-by-number',
    fault: 'A registration is deleted by its number, though that means another file by now.',
    base: 'epoll',
    convictedBy: ['readiness.closed-before-disposed', 'socket.closed-before-disposed'],
    break: leaving((set, { fd }, leave) => {
      leave();
      epollCtl(set.fd, EPOLL_CTL_DEL, fd, 0, 0, 0);
    }),
  },
  {
    name: 'dispose-silences-successor',
    fault: 'Disposing of a socket that was closed first silences the registration of the next one of its number.',
    base: 'epoll',
    convictedBy: ['socket.closed-before-disposed'],
    break: silencesSuccessors,
  },
];
