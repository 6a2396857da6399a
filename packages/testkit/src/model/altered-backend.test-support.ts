import type { BackendFactory, Driver, PollFdReady, PollTimer, PollWait, RawFd } from '@polyring/core';
import type { Subject } from '../subject.js';

/** How a faulty driver differs from a sound one: each member is given the sound object and what it was made for. */
export interface Faults {
  fdReady?(sound: PollFdReady, fd: RawFd): Partial<PollFdReady>;
  wait?(sound: PollWait, fd: RawFd, readSize: number): Partial<PollWait>;
  timer?(sound: PollTimer): Partial<PollTimer>;
}

/** A backend with faults, which each of its drivers has anew. */
export function alteredBackend({ factory, url }: Subject, faults: () => Faults): Subject {
  const altered: BackendFactory = {
    name: factory.name,
    priority: factory.priority,
    minimumOpcodes: factory.minimumOpcodes,
    availability: () => factory.availability(),
    create: (options) => alteredDriver(factory.create(options), faults()),
  };
  return { factory: altered, url };
}

function alteredDriver(driver: Driver, { fdReady, wait, timer }: Faults): Driver {
  return overlaid(driver, {
    newDynFdReady: (fd) => {
      const sound = driver.newDynFdReady(fd);
      return overlaid(sound, fdReady?.(sound, fd) ?? {});
    },
    newDynWait: (fd, readSize) => {
      const sound = driver.newDynWait(fd, readSize);
      return overlaid(sound, wait?.(sound, fd, readSize) ?? {});
    },
    newDynTimer: () => {
      const sound = driver.newDynTimer();
      return overlaid(sound, timer?.(sound) ?? {});
    },
  });
}

/** An object that answers with the members of `changes`, and hands everything else on. */
function overlaid<T extends object>(sound: T, changes: Partial<T>): T {
  return new Proxy(sound, {
    get(target, name) {
      const holder = name in changes ? changes : target;
      const value: unknown = Reflect.get(holder, name, holder);
      return typeof value === 'function' ? value.bind(holder) : value;
    },
  });
}
