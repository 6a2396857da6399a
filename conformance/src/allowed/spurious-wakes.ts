import { InterestSlot, Pending, type Poll, type Waker } from '@polyring/core';
import type { Fault } from '../mutants/mutant.js';
import { overlay } from '../mutants/seams/overlay.js';
import { inDrivers, inReadiness } from '../mutants/seams/parts.js';

/** Wakes a waiter once more than it has to be, as long as its waker is the latest. */
class Again {
  #latest = 0;

  /** Polls with a waker that is called a second time in the same place, and once for nothing a while later. */
  poll<T>(waker: Waker, poll: (waker: Waker) => Poll<T>): Poll<T> {
    this.#latest += 1;
    const own = this.#latest;
    const again = (): void => {
      if (own === this.#latest) waker();
    };
    const answer = poll(() => {
      waker();
      again();
    });
    // Not after each poll: who polls when it is woken would be woken without an end.
    if (answer === Pending && own % 2 === 1) setTimeout(again, 1).unref();
    return answer;
  }

  /** Says that the waker of the last poll is not the latest any more. */
  end(): void {
    this.#latest += 1;
  }
}

const inOthers = inDrivers((driver) => ({
  newDynTimer: () => {
    const timer = driver.newDynTimer();
    const wakes = new Again();
    return overlay(timer, {
      pollTimer: (waker, deadline) => wakes.poll(waker, (each) => timer.pollTimer(each, deadline)),
      [Symbol.dispose]: () => {
        wakes.end();
        timer[Symbol.dispose]();
      },
    });
  },
  newDynWait: (fd, readSize) => {
    const wait = driver.newDynWait(fd, readSize);
    const wakes = new Again();
    return overlay(wait, {
      pollWait: (waker) => wakes.poll(waker, (each) => wait.pollWait(each)),
      pollCancelWait: (waker) => wakes.poll(waker, (each) => wait.pollCancelWait(each)),
      [Symbol.dispose]: () => {
        wakes.end();
        wait[Symbol.dispose]();
      },
    });
  },
}));

const inReady = inReadiness(() => (readiness) => {
  const reading = new Again();
  const writing = new Again();
  return {
    poll: (waker, slot, events) => {
      const wakes = slot === InterestSlot.Read ? reading : writing;
      return wakes.poll(waker, (each) => readiness.poll(each, slot, events));
    },
    [Symbol.dispose]: () => {
      for (const wakes of [reading, writing]) wakes.end();
      readiness[Symbol.dispose]();
    },
  };
});

/** Every waiter is woken twice for each event, at the close as well, and once a while after it began to wait. */
export const spuriousWakes: Fault = (base) => inOthers(inReady(base));
