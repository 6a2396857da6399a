import { Pending } from '@polyring/core';
import { inReadiness, inTimers, inWaits } from '../seams/parts.js';
import type { Mutant } from './mutant.js';

/** What is never let go of. */
const kept = new Set<object>();

const keepsFired = inTimers((timer) => ({
  pollTimer: (waker, deadline) => {
    const answer = timer.pollTimer(waker, deadline);
    if (answer !== Pending) kept.add(timer);
    return answer;
  },
}));

/** Takes what waits into its books at the end of a turn, and never out of them. */
const keepsWaiting = inTimers((timer) => {
  let entering: NodeJS.Immediate | undefined;
  return {
    pollTimer: (waker, deadline) => {
      clearImmediate(entering);
      const answer = timer.pollTimer(waker, deadline);
      if (answer === Pending) entering = setImmediate(() => kept.add(timer));
      return answer;
    },
    [Symbol.dispose]: () => {
      clearImmediate(entering);
      timer[Symbol.dispose]();
    },
  };
});

const keepsTold = inReadiness(() => (readiness) => ({
  poll: (waker, slot, events) => {
    const answer = readiness.poll(waker, slot, events);
    if (answer !== Pending) kept.add(readiness);
    return answer;
  },
}));

const keepsCancelled = inWaits((wait) => ({
  pollCancelWait: (waker) => {
    kept.add(wait);
    return wait.pollCancelWait(waker);
  },
}));

/** Drivers that keep objects that were disposed of. */
export const keptMutants: readonly Mutant[] = [
  {
    name: 'kept-fired-timers',
    fault: 'Timers that have fired are kept for ever.',
    base: 'epoll',
    convictedBy: ['lifecycle.leaves-no-memory'],
    break: keepsFired,
  },
  {
    name: 'kept-waiting-timers',
    fault: 'Timers that are pending at the end of a turn of the loop are kept for ever.',
    base: 'epoll',
    convictedBy: ['lifecycle.leaves-no-memory'],
    break: keepsWaiting,
  },
  {
    name: 'kept-told-readiness',
    fault: 'Readiness objects that were told of an event are kept for ever.',
    base: 'epoll',
    convictedBy: ['lifecycle.leaves-no-memory'],
    break: keepsTold,
  },
  {
    name: 'kept-cancelled-waits',
    fault: 'Waits that were cancelled are kept for ever.',
    base: 'epoll',
    convictedBy: ['lifecycle.leaves-no-memory'],
    break: keepsCancelled,
  },
];
