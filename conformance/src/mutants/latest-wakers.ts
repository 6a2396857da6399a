import { Pending, type Poll, type Waker } from '@polyring/core';
import { inTimers, inWaits } from '../seams/parts.js';
import type { Mutant } from './mutant.js';

/** The waiter of an object, which a poll that is answered leaves, and which is woken then for nothing. */
class LeftWaiter {
  #waiting: Waker | undefined;

  poll<T>(waker: Waker, poll: (waker: Waker) => Poll<T>): Poll<T> {
    const answer = poll(() => {
      this.#waiting = undefined;
      waker();
    });
    if (answer === Pending) this.#waiting = waker;
    else if (this.#waiting !== undefined) setImmediate(this.#waiting);
    return answer;
  }

  end(): void {
    this.#waiting = undefined;
  }
}

const timerLeavesWaiter = inTimers((timer) => {
  const left = new LeftWaiter();
  return {
    pollTimer: (waker, deadline) => left.poll(waker, (each) => timer.pollTimer(each, deadline)),
    [Symbol.dispose]: () => {
      left.end();
      timer[Symbol.dispose]();
    },
  };
});

/** What a wait told its waiter of is that of the poll before the answer. A signal that comes later wakes it again. */
const waitKeepsWaiter = inWaits((wait) => {
  let earlier: Waker | undefined;
  return {
    pollWait: (waker) => {
      const answer = wait.pollWait(waker);
      if (answer === Pending) earlier = waker;
      else if (earlier !== undefined) setImmediate(earlier);
      return answer;
    },
    [Symbol.dispose]: () => {
      earlier = undefined;
      wait[Symbol.dispose]();
    },
  };
});

const cancelLeavesWaiter = inWaits((wait) => {
  let waiting: Waker | undefined;
  return {
    pollWait: (waker) => {
      waiting = waker;
      return wait.pollWait(waker);
    },
    pollCancelWait: (waker) =>
      wait.pollCancelWait(() => {
        waiting?.();
        waker();
      }),
  };
});

const cancelKeepsFirst = inWaits((wait) => {
  let first: Waker | undefined;
  return {
    pollWait: (waker) => {
      first = undefined;
      return wait.pollWait(waker);
    },
    pollCancelWait: (waker) => {
      first ??= waker;
      return wait.pollCancelWait(first);
    },
  };
});

/** Drivers that call a waker which a later poll has replaced. */
export const latestWakerMutants: readonly Mutant[] = [
  {
    name: 'latest-timer-left-by-answer',
    fault: 'A poll of a timer that is answered at once leaves the waiter before it, who is woken for it.',
    base: 'epoll',
    convictedBy: ['timer.latest-waker'],
    break: timerLeavesWaiter,
  },
  {
    name: 'latest-wait-left-by-answer',
    fault: 'A poll that ends a wait leaves the waiter before it, who is woken once more.',
    base: 'epoll',
    convictedBy: ['wait.latest-waker'],
    break: waitKeepsWaiter,
  },
  {
    name: 'latest-wait-left-by-cancel',
    fault: 'The end of a cancel wakes the waiter of the wait along with that of the cancel.',
    base: 'uring',
    convictedBy: ['wait.latest-waker'],
    break: cancelLeavesWaiter,
  },
  {
    name: 'latest-cancel-is-first',
    fault: 'The waker of the first poll of a cancel is called, and not that of the latest.',
    base: 'uring',
    convictedBy: ['wait.latest-waker'],
    break: cancelKeepsFirst,
  },
];
