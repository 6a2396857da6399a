import { type InterestSlot, Pending, type PollEvents, type Waker } from '@polyring/core';
import { EveryWaker } from '../seams/every-waker.js';
import { inReadiness } from '../seams/parts.js';
import type { Mutant } from './mutant.js';

const wakesReplaced = inReadiness(() => (readiness) => {
  const wakers = [new EveryWaker(), new EveryWaker()] as const;
  return { poll: (waker, slot, events) => readiness.poll(wakers[slot].add(waker), slot, events) };
});

/** A poll that is answered from what is kept leaves the waiter of the poll before it. */
const answerLeavesWaiter = inReadiness(() => (readiness) => {
  const waiting = new Map<InterestSlot, { waker: Waker; events: PollEvents }>();
  return {
    poll: (waker, slot, events) => {
      const before = waiting.get(slot);
      const answer = readiness.poll(waker, slot, events);
      if (answer === Pending) waiting.set(slot, { waker, events });
      else if (before !== undefined) readiness.poll(before.waker, slot, before.events);
      return answer;
    },
  };
});

/** Registrations that call wakers which were replaced. */
export const readinessWakerMutants: readonly Mutant[] = [
  {
    name: 'readiness-wakes-replaced',
    fault: 'The wakers that were replaced are called along with the latest.',
    base: 'epoll',
    convictedBy: ['readiness.latest-waker', 'socket.latest-waker'],
    break: wakesReplaced,
  },
  {
    name: 'readiness-answer-leaves-waiter',
    fault: 'A poll that is answered at once leaves the waiter that it should have replaced.',
    base: 'epoll',
    convictedBy: ['readiness.latest-waker', 'socket.latest-waker'],
    break: answerLeavesWaiter,
  },
];
