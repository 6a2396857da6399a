import { Errno, PollEvents as Events, InterestSlot, Pending, type PollEvents, systemError } from '@polyring/core';
import { fdKind, tryRecv } from '@polyring/sys';
import { RegistrationTable } from '../../../packages/backend-epoll/dist/registration-table.js';
import type { Change } from '../seams/change.js';
import { everyNth } from '../seams/counter.js';
import { inside, replaceMethod } from '../seams/internals.js';
import { overlay } from '../seams/overlay.js';
import { inDrivers, inReadiness, inSockets } from '../seams/parts.js';
import { SlotWakers } from '../seams/slot-wakers.js';
import { StandIn } from '../seams/stand-in.js';
import type { Mutant } from './mutant.js';

const TABLE_SIZE = 512;

/** A fault of refusing descriptors: where the driver throws an error of this code, it gives out something else. */
function insteadOf(code: string, standIn: (error: unknown) => StandIn): Change {
  const otherwise = <T>(make: () => T): T | StandIn => {
    try {
      return make();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== code) throw error;
      return standIn(error);
    }
  };
  return inDrivers((driver) => ({
    newDynFdReady: (fd) => otherwise(() => driver.newDynFdReady(fd)),
    newDynSocketReady: (fd) => otherwise(() => driver.newDynSocketReady(fd)),
    newDynWait: (fd, readSize) => otherwise(() => driver.newDynWait(fd, readSize)),
  }));
}

/** A fault of what a descriptor is: the driver takes another value in its place. */
function taking(change: (fd: number) => number): Change {
  return inDrivers((driver) => ({
    newDynFdReady: (fd) => driver.newDynFdReady(change(fd)),
    newDynSocketReady: (fd) => driver.newDynSocketReady(change(fd)),
    newDynWait: (fd, readSize) => driver.newDynWait(change(fd), readSize),
  }));
}

const refusesFiles = inDrivers((driver) => ({
  newDynFdReady: (fd) => {
    if (fdKind(fd) === 'file') throw systemError(Errno.EPERM, 'epoll_ctl', { fd });
    return driver.newDynFdReady(fd);
  },
}));

const losesWriters = inReadiness(() => {
  const isLost = everyNth(10);
  return (readiness) => {
    const wakers = new SlotWakers(readiness, (slot) => {
      if (slot === InterestSlot.Read || !isLost()) wakers.wake(slot);
    });
    return { poll: (waker, slot, events) => wakers.poll(waker, slot, events) };
  };
});

/** Loses the wakes of the sockets that find no place among 512. */
const socketTable = inDrivers((driver) => {
  const places = new Set<object>();
  return {
    newDynSocketReady: (fd) => {
      const socket = driver.newDynSocketReady(fd);
      if (places.size < TABLE_SIZE) places.add(socket);
      return overlay(socket, {
        pollSocketReady: (waker, slot, events) =>
          socket.pollSocketReady(places.has(socket) ? waker : () => {}, slot, events),
        [Symbol.dispose]: () => {
          places.delete(socket);
          socket[Symbol.dispose]();
        },
      });
    },
  };
});

const receivesToLook = inSockets((readiness, fd) => {
  const look = (answer: PollEvents): void => {
    if ((answer & Events.IN) !== 0) tryRecv(fd, Buffer.alloc(1), 0, 1, 0);
  };
  return {
    poll: (waker, slot, events) => {
      const answer = readiness.poll(waker, slot, events);
      if (answer !== Pending) look(answer);
      return answer;
    },
  };
});

/** Drivers that are wrong about what a descriptor is. */
export const descriptorMutants: readonly Mutant[] = [
  {
    name: 'descriptor-accepts-unpollable',
    fault: 'What the kernel cannot poll is taken for always ready.',
    base: 'epoll',
    convictedBy: ['readiness.unpollable', 'wait.unpollable'],
    break: insteadOf('EPERM', () => new StandIn()),
  },
  {
    name: 'descriptor-refuses-files',
    fault: 'Whether a descriptor can be polled is told by its type: regular files are refused.',
    base: 'epoll',
    convictedBy: ['readiness.pollable'],
    break: refusesFiles,
  },
  {
    name: 'descriptor-closed-until-polled',
    fault: 'That a descriptor is not open is told by the first poll.',
    base: 'epoll',
    convictedBy: ['readiness.bad-descriptor'],
    break: insteadOf('EBADF', (error) => new StandIn(error)),
  },
  {
    name: 'descriptor-of-31-bits',
    fault: 'Of the number of a descriptor the lower 31 bits are taken.',
    base: 'epoll',
    convictedBy: ['readiness.no-descriptor'],
    break: taking((fd) => (typeof fd === 'number' ? fd & 0x7fffffff : fd)),
  },
  {
    name: 'descriptor-0-is-none',
    fault: 'The descriptor 0 is taken for none.',
    base: 'epoll',
    convictedBy: ['readiness.no-descriptor'],
    break: taking((fd) => (fd === 0 ? -1 : fd)),
  },
  {
    name: 'descriptor-coerces',
    fault: 'What is no number of a descriptor is turned into one.',
    base: 'epoll',
    convictedBy: ['readiness.no-descriptor'],
    break: taking(Number),
  },
  {
    name: 'descriptor-table-of-sockets',
    fault: 'The driver has places for 512 sockets, and does not wake the waiters of the next one.',
    base: 'epoll',
    convictedBy: ['socket.thousand'],
    break: socketTable,
  },
  {
    name: 'descriptor-table-of-512',
    fault: 'Events carry nine bits of the place in the table of registrations.',
    base: 'epoll',
    convictedBy: ['readiness.thousand', 'socket.thousand'],
    break: inside(() =>
      replaceMethod(RegistrationTable.prototype, 'find', (find) => {
        return function (this: RegistrationTable, index, generation) {
          return find.call(this, index % TABLE_SIZE, generation);
        };
      }),
    ),
  },
  {
    name: 'descriptor-loses-writers',
    fault: 'Every tenth wake of a slot for writing is lost.',
    base: 'epoll',
    convictedBy: ['readiness.pipe-transfer', 'socket.both-ways'],
    break: losesWriters,
  },
  {
    name: 'socket-any-descriptor',
    fault: 'What is no socket is watched as any other descriptor.',
    base: 'epoll',
    convictedBy: ['socket.not-a-socket'],
    break: insteadOf('ENOTSOCK', () => new StandIn()),
  },
  {
    name: 'socket-receives-to-look',
    fault: 'Whether there is data is found out by receiving a byte, without MSG_PEEK.',
    base: 'epoll',
    convictedBy: ['socket.peek', 'socket.empty-read'],
    break: receivesToLook,
  },
];
