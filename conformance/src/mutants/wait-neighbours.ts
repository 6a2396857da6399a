import { readFileSync } from 'node:fs';
import type { Driver, PollWait, RawFd } from '@polyring/core';
import type { Change } from '../seams/change.js';
import { overlay } from '../seams/overlay.js';
import { inDrivers, readinessThrough } from '../seams/parts.js';
import type { Mutant } from './mutant.js';

/** Numbers of descriptors of which nobody is woken any more, until one is made for that number again. */
type Silenced = Set<RawFd>;

/** A wait that is not woken while its descriptor is silenced. */
function silenceable(wait: PollWait, fd: RawFd, silenced: Silenced, dispose = () => {}): PollWait {
  silenced.delete(fd);
  return overlay(wait, {
    pollWait: (waker) =>
      wait.pollWait(() => {
        if (!silenced.has(fd)) waker();
      }),
    [Symbol.dispose]: () => {
      dispose();
      wait[Symbol.dispose]();
    },
  });
}

const disposalEndsWaits = inDrivers((driver) => {
  const silenced: Silenced = new Set();
  return {
    newDynWait: (fd, size) => silenceable(driver.newDynWait(fd, size), fd, silenced, () => silenced.add(fd)),
  };
});

const disposalOfWaitEndsRegistrations = inDrivers((driver) => {
  const silenced: Silenced = new Set();
  return {
    newDynWait: (fd, size) => {
      const wait = driver.newDynWait(fd, size);
      const dispose = (): void => {
        silenced.add(fd);
        wait[Symbol.dispose]();
      };
      return overlay(wait, { [Symbol.dispose]: dispose });
    },
    ...readinessThrough(driver, (readiness, fd) => {
      silenced.delete(fd);
      return {
        poll: (waker, slot, events) => {
          const wake = (): void => {
            if (!silenced.has(fd)) waker();
          };
          return readiness.poll(wake, slot, events);
        },
      };
    }),
  };
});

const disposalOfRegistrationEndsWaits = inDrivers((driver) => {
  const silenced: Silenced = new Set();
  return {
    newDynWait: (fd, size) => silenceable(driver.newDynWait(fd, size), fd, silenced),
    ...readinessThrough(driver, (readiness, fd) => ({
      [Symbol.dispose]: () => {
        silenced.add(fd);
        readiness[Symbol.dispose]();
      },
    })),
  };
});

/** Which eventfd a number means now. */
function eventfdOf(fd: RawFd): string | undefined {
  return /^eventfd-id:.*$/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'))?.[0];
}

/** The latest wait of a number is silenced when one is disposed of that had the number for another file. */
const disposalByNumber = inDrivers((driver) => {
  const latest = new Map<RawFd, { silenced: boolean; readonly file: string | undefined }>();
  return {
    newDynWait: (fd, size) => {
      const wait = driver.newDynWait(fd, size);
      const self = { silenced: false, file: eventfdOf(fd) };
      latest.set(fd, self);
      return overlay(wait, {
        pollWait: (waker) =>
          wait.pollWait(() => {
            if (!self.silenced) waker();
          }),
        [Symbol.dispose]: () => {
          const found = latest.get(fd);
          if (found !== undefined && found.file !== self.file) found.silenced = true;
          wait[Symbol.dispose]();
        },
      });
    },
  };
});

const closeEndsWaits: Change = (base) => {
  const silenced: Silenced = new Set();
  const change = inDrivers((driver: Driver) => {
    const own = new Set<RawFd>();
    const close = (): Promise<void> => {
      for (const fd of own) silenced.add(fd);
      return driver.close();
    };
    return {
      close,
      [Symbol.asyncDispose]: close,
      newDynWait: (fd, size) => {
        own.add(fd);
        return silenceable(driver.newDynWait(fd, size), fd, silenced);
      },
    };
  });
  return change(base);
};

/** Drivers in which the end of a wait, or beside a wait, is the end of others. */
export const waitNeighbourMutants: readonly Mutant[] = [
  {
    name: 'wait-disposal-ends-waits',
    fault: 'Disposing of a wait ends the other waits of its descriptor.',
    base: 'epoll',
    convictedBy: ['wait.dispose-pending'],
    break: disposalEndsWaits,
  },
  {
    name: 'wait-disposal-ends-registrations',
    fault: 'Disposing of a wait ends the registrations of its descriptor.',
    base: 'epoll',
    convictedBy: ['wait.dispose-pending'],
    break: disposalOfWaitEndsRegistrations,
  },
  {
    name: 'wait-ended-by-registration',
    fault: 'Disposing of a registration ends the waits of its descriptor.',
    base: 'epoll',
    convictedBy: ['wait.dispose-pending'],
    break: disposalOfRegistrationEndsWaits,
  },
  {
    name: 'wait-disposal-by-number',
    fault: 'Disposing of a wait whose descriptor was closed ends the next wait of its number.',
    base: 'epoll',
    convictedBy: ['wait.dispose-pending'],
    break: disposalByNumber,
  },
  {
    name: 'wait-ended-by-close',
    fault: 'Closing a driver ends the waits that other drivers have of its descriptors.',
    base: 'epoll',
    convictedBy: ['lifecycle.two-drivers'],
    break: closeEndsWaits,
  },
];
