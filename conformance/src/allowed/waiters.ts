import { checkWaker, type Driver, InterestSlot, type Poll, type Waker } from '@polyring/core';
import { overlay } from '../seams/overlay.js';
import { readinessThrough } from '../seams/parts.js';

/** What stands between one waiter and its object: a timer, a wait, or one slot of a readiness object. */
export interface Waiter {
  /**
   * Polls the object.
   *
   * @param waker the waiter's
   * @param poll polls with the waker that the object is to call instead
   */
  poll<T>(waker: Waker, poll: (waker: Waker) => Poll<T>): Poll<T>;
  /** The object is disposed of: nobody is to be woken any more. */
  end(): void;
}

/** As {@link Waiter.poll}, for a wait, whose error is an answer as well: nobody waits any more. */
export function pollWaitThrough<T>(waiter: Waiter, waker: Waker, poll: (waker: Waker) => Poll<T>): Poll<T> {
  checkWaker(waker);
  try {
    return waiter.poll(waker, poll);
  } catch (error) {
    waiter.end();
    throw error;
  }
}

/** The makers of a driver's objects, with something between each waiter and its object. */
export function waitersThrough(driver: Driver, newWaiter: () => Waiter): Partial<Driver> {
  return {
    newDynTimer: () => {
      const timer = driver.newDynTimer();
      const waiter = newWaiter();
      return overlay(timer, {
        pollTimer: (waker, deadline) => {
          checkWaker(waker);
          return waiter.poll(waker, (each) => timer.pollTimer(each, deadline));
        },
        [Symbol.dispose]: () => {
          waiter.end();
          timer[Symbol.dispose]();
        },
      });
    },
    newDynWait: (fd, readSize) => {
      const wait = driver.newDynWait(fd, readSize);
      const waiter = newWaiter();
      return overlay(wait, {
        pollWait: (waker) => pollWaitThrough(waiter, waker, (each) => wait.pollWait(each)),
        pollCancelWait: (waker) => pollWaitThrough(waiter, waker, (each) => wait.pollCancelWait(each)),
        [Symbol.dispose]: () => {
          waiter.end();
          wait[Symbol.dispose]();
        },
      });
    },
    ...readinessThrough(driver, (readiness) => {
      const [reading, writing] = [newWaiter(), newWaiter()];
      return {
        poll: (waker, slot, events) => {
          checkWaker(waker);
          const waiter = slot === InterestSlot.Read ? reading : writing;
          return waiter.poll(waker, (each) => readiness.poll(each, slot, events));
        },
        [Symbol.dispose]: () => {
          for (const waiter of [reading, writing]) waiter.end();
          readiness[Symbol.dispose]();
        },
      };
    }),
  };
}
