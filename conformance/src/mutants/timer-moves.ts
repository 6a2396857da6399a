import { type Instant, Pending, WakerCell } from '@polyring/core';
import { inTimers } from '../seams/parts.js';
import type { Mutant } from './mutant.js';

const forgetsWhenMovedFurther = inTimers((timer) => {
  const waiting = new WakerCell();
  let set = Number.NEGATIVE_INFINITY as Instant;
  return {
    pollTimer: (waker, deadline = set) => {
      set = deadline;
      const answer = timer.pollTimer(() => waiting.wake(), deadline);
      if (answer === Pending) waiting.set(waker);
      else waiting.clear();
      return answer;
    },
    setDeadline: (deadline) => {
      if (deadline > set) waiting.clear();
      set = deadline;
      timer.setDeadline(deadline);
    },
    [Symbol.dispose]: () => {
      waiting.clear();
      timer[Symbol.dispose]();
    },
  };
});

const pollsWithoutMoving = inTimers((timer) => {
  let pending = false;
  return {
    pollTimer: (waker, deadline) => {
      const isMoved = pending && deadline !== undefined && deadline > 0;
      const answer = timer.pollTimer(
        () => {
          pending = false;
          waker();
        },
        isMoved ? undefined : deadline,
      );
      pending = answer === Pending;
      return answer;
    },
  };
});

/** Broken timers whose deadline moves while somebody waits. */
export const timerMoveMutants: readonly Mutant[] = [
  {
    name: 'timer-lengthen-forgets',
    fault: 'A timer whose deadline moves further forgets its waiter, until that polls again.',
    base: 'epoll',
    convictedBy: ['timer.lengthened-fires'],
    break: forgetsWhenMovedFurther,
  },
  {
    name: 'timer-polls-without-moving',
    fault: 'A deadline that comes with a poll is ignored while the timer is pending.',
    base: 'epoll',
    convictedBy: ['timer.shorten'],
    break: pollsWithoutMoving,
  },
];
