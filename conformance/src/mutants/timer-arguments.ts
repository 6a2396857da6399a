import { type Instant, now } from '@polyring/core';
import { inTimers } from '../seams/parts.js';
import type { Mutant } from './mutant.js';

/** Drivers whose timers take what is no deadline. */
export const timerArgumentMutants: readonly Mutant[] = [
  {
    name: 'timer-coerces-in-poll',
    fault: 'A deadline that is no number is turned into one, if it is given to a poll.',
    base: 'epoll',
    convictedBy: ['timer.deadline-type'],
    break: inTimers((timer) => ({
      pollTimer: (waker, deadline) =>
        timer.pollTimer(waker, deadline === undefined ? deadline : ((Number(deadline) || 0) as Instant)),
    })),
  },
  {
    name: 'timer-takes-undefined',
    fault: 'Setting the deadline to undefined leaves it, as a poll without one does.',
    base: 'epoll',
    convictedBy: ['timer.deadline-type'],
    break: inTimers((timer) => ({
      setDeadline: (deadline) => {
        if (deadline !== undefined) timer.setDeadline(deadline);
      },
    })),
  },
  {
    name: 'timer-refused-is-kept',
    fault: 'A deadline that is refused takes the place of the one before.',
    base: 'epoll',
    convictedBy: ['timer.deadline-type'],
    break: inTimers((timer) => ({
      setDeadline: (deadline) => {
        if (typeof deadline !== 'number') timer.setDeadline(now());
        timer.setDeadline(deadline);
      },
    })),
  },
  {
    name: 'timer-coerces',
    fault: 'A deadline that is no number is turned into one.',
    base: 'epoll',
    convictedBy: ['timer.deadline-type'],
    break: inTimers((timer) => ({ setDeadline: (deadline) => timer.setDeadline(Number(deadline) as Instant) })),
  },
];
