import type {
  Driver,
  InterestSlot,
  Poll,
  PollEvents,
  PollFdReady,
  PollSocketReady,
  PollTimer,
  PollWait,
  RawFd,
  Referenced,
  Waker,
} from '@polyring/core';
import type { Change } from './change.js';
import { overlay } from './overlay.js';

/** The readiness of a descriptor or of a socket, under one set of names. */
export interface Readiness extends Disposable {
  poll(waker: Waker, slot: InterestSlot, events: PollEvents): Poll<PollEvents>;
  clear(slot: InterestSlot, drained?: boolean): void;
}

/** What the objects of a driver have in common. */
export type DriverObject = Disposable & Referenced;

/** A change of drivers: gets each driver that is made, and returns what it does otherwise. */
export function inDrivers(change: (driver: Driver) => Partial<Driver>): Change {
  return (base) =>
    overlay(base, {
      create: (options) => {
        const driver = base.create(options);
        return overlay(driver, change(driver));
      },
    });
}

/** A change of timers. */
export function inTimers(change: (timer: PollTimer) => Partial<PollTimer>): Change {
  return inDrivers((driver) => ({
    newDynTimer: () => {
      const timer = driver.newDynTimer();
      return overlay(timer, change(timer));
    },
  }));
}

/** A change of waits. */
export function inWaits(change: (wait: PollWait, fd: RawFd) => Partial<PollWait>): Change {
  return inDrivers((driver) => ({
    newDynWait: (fd, readSize) => {
      const wait = driver.newDynWait(fd, readSize);
      return overlay(wait, change(wait, fd));
    },
  }));
}

/** A change of the readiness of descriptors and of sockets, with a state for each driver. */
export function inReadiness(
  changeOf: (driver: Driver) => (readiness: Readiness, fd: RawFd) => Partial<Readiness>,
): Change {
  return inDrivers((driver) => readinessThrough(driver, changeOf(driver)));
}

/** A change of the readiness of sockets alone. */
export function inSockets(change: (readiness: Readiness, fd: RawFd) => Partial<Readiness>): Change {
  return inDrivers((driver) => ({
    newDynSocketReady: (fd) => changedSocket(driver.newDynSocketReady(fd), (readiness) => change(readiness, fd)),
  }));
}

/** A change of all objects alike. */
export function inObjects(change: (object: DriverObject) => Partial<DriverObject>): Change {
  const changed = <T extends DriverObject>(object: T): T => overlay(object, change(object) as Partial<T>);
  return inDrivers((driver) => ({
    newDynTimer: () => changed(driver.newDynTimer()),
    newDynFdReady: (fd) => changed(driver.newDynFdReady(fd)),
    newDynSocketReady: (fd) => changed(driver.newDynSocketReady(fd)),
    newDynWait: (fd, readSize) => changed(driver.newDynWait(fd, readSize)),
  }));
}

/** A change of how wakers are called, with a state for each driver: gets each waker, and returns the one in its place. */
export function inWakers(changeOf: (driver: Driver) => (waker: Waker) => Waker): Change {
  return inDrivers((driver) => wakersThrough(driver, changeOf(driver)));
}

/** The makers of a driver's readiness objects, of descriptors and of sockets, with each changed. */
export function readinessThrough(
  driver: Driver,
  change: (readiness: Readiness, fd: RawFd) => Partial<Readiness>,
): Pick<Driver, 'newDynFdReady' | 'newDynSocketReady'> {
  return {
    newDynFdReady: (fd) => changedFd(driver.newDynFdReady(fd), (readiness) => change(readiness, fd)),
    newDynSocketReady: (fd) => changedSocket(driver.newDynSocketReady(fd), (readiness) => change(readiness, fd)),
  };
}

/** The makers of a driver's objects, with every waker replaced. */
export function wakersThrough(driver: Driver, change: (waker: Waker) => Waker): Partial<Driver> {
  const polls = (readiness: Readiness): Partial<Readiness> => ({
    poll: (waker, slot, events) => readiness.poll(change(waker), slot, events),
  });
  return {
    newDynTimer: () => {
      const timer = driver.newDynTimer();
      return overlay(timer, { pollTimer: (waker, deadline) => timer.pollTimer(change(waker), deadline) });
    },
    ...readinessThrough(driver, polls),
    newDynWait: (fd, readSize) => {
      const wait = driver.newDynWait(fd, readSize);
      return overlay(wait, {
        pollWait: (waker) => wait.pollWait(change(waker)),
        pollCancelWait: (waker) => wait.pollCancelWait(change(waker)),
      });
    },
  };
}

function changedFd(object: PollFdReady, change: (readiness: Readiness) => Partial<Readiness>): PollFdReady {
  const inner: Readiness = {
    poll: (waker, slot, events) => object.pollFdReady(waker, slot, events),
    clear: (slot, drained) => object.clearFdReady(slot, drained),
    [Symbol.dispose]: () => object[Symbol.dispose](),
  };
  const outer = { ...inner, ...change(inner) };
  return overlay(object, {
    pollFdReady: outer.poll,
    clearFdReady: outer.clear,
    [Symbol.dispose]: outer[Symbol.dispose],
  });
}

function changedSocket(object: PollSocketReady, change: (readiness: Readiness) => Partial<Readiness>): PollSocketReady {
  const inner: Readiness = {
    poll: (waker, slot, events) => object.pollSocketReady(waker, slot, events),
    clear: (slot, drained) => object.clearSocketReady(slot, drained),
    [Symbol.dispose]: () => object[Symbol.dispose](),
  };
  const outer = { ...inner, ...change(inner) };
  return overlay(object, {
    pollSocketReady: outer.poll,
    clearSocketReady: outer.clear,
    [Symbol.dispose]: outer[Symbol.dispose],
  });
}
