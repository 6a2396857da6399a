import { Errno, systemError } from '@polyring/core';
import { EPOLL_CTL_MOD, EPOLLET, EPOLLONESHOT, epollCtl } from '@polyring/sys';
import { EpollSet } from '../../../packages/backend-epoll/dist/epoll-set.js';
import { EpollReadiness } from '../../../packages/backend-epoll/dist/parts/readiness.js';
import type { Registration } from '../../../packages/backend-epoll/dist/registration.js';
import { RingReadiness } from '../../../packages/backend-uring/dist/parts/readiness.js';
import { inside, replaceMethod } from '../seams/internals.js';
import type { Mutant } from './mutant.js';

/** A stale registration that is armed is armed by its number, whatever file that means. */
function armsByNumber(): void {
  replaceMethod(EpollSet.prototype, 'arm', (arm) => {
    return function (this: EpollSet, registration) {
      const { stale } = registration;
      registration.stale = false;
      try {
        arm.call(this, registration);
      } finally {
        registration.stale ||= stale;
      }
    };
  });
}

/** An event of a stale registration that finds nobody waiting makes the item of its number dormant. */
function disarmsByNumber(): void {
  const joined = new WeakMap<object, { set: EpollSet; registration: Registration }>();
  replaceMethod(EpollSet.prototype, 'join', (join) => {
    return function (this: EpollSet, fd, member) {
      const registration = join.call(this, fd, member);
      joined.set(member, { set: this, registration });
      return registration;
    };
  });
  replaceMethod(EpollReadiness.prototype, 'deliver', (deliver) => {
    return function (this: EpollReadiness, events) {
      const woken = deliver.call(this, events);
      const { set, registration } = joined.get(this) ?? {};
      if (!woken && set !== undefined && registration?.stale) {
        const { fd, index, generation } = registration;
        epollCtl(set.fd, EPOLL_CTL_MOD, fd, EPOLLET | EPOLLONESHOT, index, generation);
      }
      return woken;
    };
  });
}

/** A file that is in the set under this number already cannot be registered, once it was seen that it was closed. */
function refusesReturn(): void {
  const current = new WeakMap<EpollSet, Map<number, Registration>>();
  replaceMethod(EpollSet.prototype, 'join', (join) => {
    return function (this: EpollSet, fd, member) {
      const known = current.get(this) ?? new Map<number, Registration>();
      current.set(this, known);
      if (known.get(fd)?.stale && epollCtl(this.fd, EPOLL_CTL_MOD, fd, EPOLLET | EPOLLONESHOT, 0, 0) === 0) {
        throw systemError(Errno.EEXIST, 'epoll_ctl', { fd });
      }
      const registration = join.call(this, fd, member);
      known.set(fd, registration);
      return registration;
    };
  });
}

/** How a registration was armed the last time. */
type Arming = 'done' | 'refused';

/** An error of arming a registration is swallowed, where it was armed so before: its waiter waits for what never comes. */
function swallowsErrors(isSwallowed: (before: Arming | undefined) => boolean): void {
  const armings = new WeakMap<Registration, Arming>();
  replaceMethod(EpollSet.prototype, 'arm', (arm) => {
    return function (this: EpollSet, registration) {
      try {
        arm.call(this, registration);
        armings.set(registration, 'done');
      } catch (error) {
        if (isSwallowed(armings.get(registration))) return;
        armings.set(registration, 'refused');
        throw error;
      }
    };
  });
}

/** A poll that failed as its descriptor was closed is made again, as if it had been cancelled. */
function retriesClosed(): void {
  replaceMethod(RingReadiness.prototype, 'polled', (polled) => {
    return function (this: RingReadiness, operation, result) {
      polled.call(this, operation, result === Errno.EBADF ? Errno.ECANCELED : result);
    };
  });
}

/** Drivers that are confused by a descriptor that was closed before its registration was disposed of. */
export const staleMutants: readonly Mutant[] = [
  {
    name: 'stale-arms-by-number',
    fault: 'A poll of an object whose descriptor was closed takes the item of the next one of its number.',
    base: 'epoll',
    convictedBy: ['readiness.closed-before-disposed', 'socket.closed-before-disposed'],
    break: inside(armsByNumber),
  },
  {
    name: 'stale-disarms-by-number',
    fault: 'An event of a closed descriptor, whose file is open elsewhere, disarms the next one of its number.',
    base: 'epoll',
    convictedBy: ['readiness.closed-before-disposed', 'socket.closed-before-disposed'],
    break: inside(disarmsByNumber),
  },
  {
    name: 'stale-refuses-return',
    fault: 'A file that comes back under the number under which it was closed is refused.',
    base: 'epoll',
    convictedBy: ['readiness.closed-before-disposed', 'socket.closed-before-disposed'],
    break: inside(refusesReturn),
  },
  {
    name: 'stale-swallows-errors',
    fault: 'A poll of a descriptor that was closed stays pending for ever.',
    base: 'epoll',
    convictedBy: ['readiness.poll-closed', 'socket.poll-closed'],
    break: inside(() => swallowsErrors(() => true)),
  },
  {
    name: 'stale-swallows-errors-of-polled',
    fault: 'A poll of a descriptor that was closed stays pending for ever if it was polled before that.',
    base: 'epoll',
    convictedBy: ['readiness.poll-closed', 'socket.poll-closed'],
    break: inside(() => swallowsErrors((before) => before === 'done')),
  },
  {
    name: 'stale-tells-once',
    fault: 'Of a descriptor that was closed an object tells one poll, and the next stays pending for ever.',
    base: 'epoll',
    convictedBy: ['readiness.poll-closed', 'socket.poll-closed'],
    break: inside(() => swallowsErrors((before) => before === 'refused')),
  },
  {
    name: 'stale-retries',
    fault: 'A poll of a descriptor that was closed is made again and again, and its waiter is never woken.',
    base: 'uring',
    convictedBy: ['readiness.poll-closed', 'socket.poll-closed'],
    break: inside(retriesClosed),
  },
];
