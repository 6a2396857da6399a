import { checkWaker, Pending, type Poll, type Waker } from '@polyring/core';
import type { Change } from '../seams/change.js';
import { inTimers, inWaits } from '../seams/parts.js';
import type { Mutant } from './mutant.js';

/** Polls with a waker, or with what is none. */
type Look = <T>(waker: Waker, poll: (waker: Waker) => Poll<T>) => Poll<T>;

/** Never looks at the waker. */
const never: Look = (waker, poll) => poll(typeof waker === 'function' ? waker : () => {});

/** Looks at the waker where it is to be kept. */
const toWait: Look = (waker, poll) => {
  const answer = never(waker, poll);
  if (answer === Pending) checkWaker(waker);
  return answer;
};

/** Looks at the waker when all is done. */
const late: Look = (waker, poll) => {
  const answer = never(waker, poll);
  checkWaker(waker);
  return answer;
};

const timers = (look: Look): Change =>
  inTimers((timer) => ({
    pollTimer: (waker, deadline) => look(waker, (each) => timer.pollTimer(each, deadline)),
  }));

const waits = (look: Look): Change =>
  inWaits((wait) => ({ pollWait: (waker) => look(waker, (each) => wait.pollWait(each)) }));

const cancels = (look: Look): Change =>
  inWaits((wait) => ({ pollCancelWait: (waker) => look(waker, (each) => wait.pollCancelWait(each)) }));

/** Timers and waits that take what is no waker. */
export const noWakerMutants: readonly Mutant[] = [
  {
    name: 'no-waker-of-timer',
    fault: 'What is no waker of a timer is taken for one that does nothing.',
    base: 'epoll',
    convictedBy: ['timer.waker-type'],
    break: timers(never),
  },
  {
    name: 'no-waker-of-due-timer',
    fault: 'A timer that is due answers though there is no waker.',
    base: 'epoll',
    convictedBy: ['timer.waker-type'],
    break: timers(toWait),
  },
  {
    name: 'no-waker-sets-timer',
    fault: 'The deadline that comes with what is no waker is set before that is refused.',
    base: 'epoll',
    convictedBy: ['timer.waker-type'],
    break: timers(late),
  },
  {
    name: 'no-waker-of-wait',
    fault: 'What is no waker of a wait is taken for one that does nothing.',
    base: 'epoll',
    convictedBy: ['wait.waker-type'],
    break: waits(never),
  },
  {
    name: 'no-waker-of-signalled-wait',
    fault: 'A wait whose signal is there is over though there is no waker.',
    base: 'epoll',
    convictedBy: ['wait.waker-type'],
    break: waits(toWait),
  },
  {
    name: 'no-waker-consumes',
    fault: 'A wait consumes a signal before what is no waker is refused.',
    base: 'epoll',
    convictedBy: ['wait.waker-type'],
    break: waits(late),
  },
  {
    name: 'no-waker-of-cancel',
    fault: 'What is no waker of a cancel is taken for one that does nothing.',
    base: 'epoll',
    convictedBy: ['wait.waker-type'],
    break: cancels(never),
  },
  {
    name: 'no-waker-cancels',
    fault: 'A wait is cancelled before what is no waker is refused.',
    base: 'epoll',
    convictedBy: ['wait.waker-type'],
    break: cancels(late),
  },
];
