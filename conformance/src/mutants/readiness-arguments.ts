import { ALL_EVENTS, InterestSlot, PollEvents } from '@polyring/core';
import { inReadiness } from '../seams/parts.js';
import type { Mutant } from './mutant.js';

/** Every slot but the one for reading is taken for the one for writing. */
const anySlot = inReadiness(() => (readiness) => {
  const slotOf = (slot: InterestSlot): InterestSlot => (slot === InterestSlot.Read ? slot : InterestSlot.Write);
  return {
    poll: (waker, slot, events) => readiness.poll(waker, slotOf(slot), events),
    clear: (slot, drained) => readiness.clear(slotOf(slot), drained),
  };
});

const dropsUnknownEvents = inReadiness(() => (readiness) => ({
  poll: (waker, slot, events) => readiness.poll(waker, slot, events & ALL_EVENTS),
}));

const refusedReplaces = inReadiness(() => (readiness) => ({
  poll: (waker, slot, events) => {
    try {
      return readiness.poll(waker, slot, events);
    } catch (error) {
      if (slot === InterestSlot.Read || slot === InterestSlot.Write) readiness.poll(waker, slot, PollEvents.EMPTY);
      throw error;
    }
  },
}));

const wakesNobody = inReadiness(() => (readiness) => ({
  poll: (waker, slot, events) => readiness.poll(typeof waker === 'function' ? waker : () => {}, slot, events),
}));

const CONVICTED_BY = ['readiness.arguments', 'socket.arguments'] as const;

/** Registrations that take what there is not. */
export const readinessArgumentMutants: readonly Mutant[] = [
  {
    name: 'readiness-any-slot',
    fault: 'A slot that there is not is taken for the one for writing.',
    base: 'epoll',
    convictedBy: CONVICTED_BY,
    break: anySlot,
  },
  {
    name: 'readiness-drops-unknown-events',
    fault: 'Events that there are not are left out of the mask.',
    base: 'epoll',
    convictedBy: CONVICTED_BY,
    break: dropsUnknownEvents,
  },
  {
    name: 'readiness-refused-replaces',
    fault: 'A poll whose events are refused has replaced the waiter before it.',
    base: 'epoll',
    convictedBy: CONVICTED_BY,
    break: refusedReplaces,
  },
  {
    name: 'readiness-wakes-nobody',
    fault: 'What is no waker is taken for one that does nothing.',
    base: 'epoll',
    convictedBy: CONVICTED_BY,
    break: wakesNobody,
  },
];
