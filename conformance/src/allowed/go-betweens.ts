import { checkWaker, type Driver, InterestSlot, type Poll, type Waker } from '@polyring/core';
import { overlay } from '../seams/overlay.js';
import { readinessThrough } from '../seams/parts.js';

/** What stands between one waiter and its object: a timer, a wait, or one slot of a readiness object. */
export interface GoBetween {
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

/** As {@link GoBetween.poll}, for a wait, whose error is an answer as well: nobody waits any more. */
export function pollWaitThrough<T>(between: GoBetween, waker: Waker, poll: (waker: Waker) => Poll<T>): Poll<T> {
  checkWaker(waker);
  try {
    return between.poll(waker, poll);
  } catch (error) {
    between.end();
    throw error;
  }
}

/** The makers of a driver's objects, with something between each waiter and its object. */
export function goBetweensIn(driver: Driver, newGoBetween: () => GoBetween): Partial<Driver> {
  return {
    newDynTimer: () => {
      const timer = driver.newDynTimer();
      const between = newGoBetween();
      return overlay(timer, {
        pollTimer: (waker, deadline) => {
          checkWaker(waker);
          return between.poll(waker, (each) => timer.pollTimer(each, deadline));
        },
        [Symbol.dispose]: () => {
          between.end();
          timer[Symbol.dispose]();
        },
      });
    },
    newDynWait: (fd, readSize) => {
      const wait = driver.newDynWait(fd, readSize);
      const between = newGoBetween();
      return overlay(wait, {
        pollWait: (waker) => pollWaitThrough(between, waker, (each) => wait.pollWait(each)),
        pollCancelWait: (waker) => pollWaitThrough(between, waker, (each) => wait.pollCancelWait(each)),
        [Symbol.dispose]: () => {
          between.end();
          wait[Symbol.dispose]();
        },
      });
    },
    ...readinessThrough(driver, (readiness) => {
      const [reading, writing] = [newGoBetween(), newGoBetween()];
      return {
        poll: (waker, slot, events) => {
          checkWaker(waker);
          const between = slot === InterestSlot.Read ? reading : writing;
          return between.poll(waker, (each) => readiness.poll(each, slot, events));
        },
        [Symbol.dispose]: () => {
          for (const between of [reading, writing]) between.end();
          readiness[Symbol.dispose]();
        },
      };
    }),
  };
}
