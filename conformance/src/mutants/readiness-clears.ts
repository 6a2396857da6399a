import { ALWAYS_REPORTED, InterestSlot, Pending, PollEvents, type RawFd } from '@polyring/core';
import { EpollSet } from '../../../packages/backend-epoll/dist/epoll-set.js';
import { EpollReadiness } from '../../../packages/backend-epoll/dist/parts/readiness.js';
import { inside, replaceMethod } from '../seams/internals.js';
import { inReadiness, type Readiness } from '../seams/parts.js';
import { eventsOf, otherSlot } from '../seams/readiness-state.js';
import { SlotWakers } from '../seams/slot-wakers.js';
import { bothParts, type Mutant } from './mutant.js';

/** Does not look at the present state where the descriptor was drained, though an event may have come since. */
function trustsDrained(): void {
  const drained = new WeakSet<EpollReadiness>();
  let polling: EpollReadiness | undefined;
  for (const name of ['pollFdReady', 'pollSocketReady'] as const) {
    replaceMethod(EpollReadiness.prototype, name, (poll) => {
      return function (this: EpollReadiness, ...parameters) {
        polling = this;
        return poll.apply(this, parameters);
      };
    });
  }
  for (const name of ['clearFdReady', 'clearSocketReady'] as const) {
    replaceMethod(EpollReadiness.prototype, name, (clear) => {
      return function (this: EpollReadiness, slot, isDrained) {
        if (isDrained) drained.add(this);
        else drained.delete(this);
        clear.call(this, slot, isDrained);
      };
    });
  }
  replaceMethod(EpollSet.prototype, 'arm', (arm) => {
    return function (this: EpollSet, registration) {
      if (polling === undefined || !drained.has(polling) || (polling.wanted & ~registration.mask) !== 0) {
        arm.call(this, registration);
      }
    };
  });
}

const clearDisarms = inReadiness(() => (readiness) => {
  const cleared = new Set<InterestSlot>();
  return {
    poll: (waker, slot, events) => (cleared.has(slot) ? Pending : readiness.poll(waker, slot, events)),
    clear: (slot) => {
      cleared.add(slot);
      readiness.clear(slot);
    },
  };
});

const clearsBothSlots = inReadiness(() => (readiness) => ({
  clear: () => {
    readiness.clear(InterestSlot.Read);
    readiness.clear(InterestSlot.Write);
  },
}));

const clearForgetsWaiter = inReadiness(() => (readiness) => {
  const wakers = new SlotWakers(readiness);
  return {
    poll: (waker, slot, events) => wakers.poll(waker, slot, events),
    clear: (slot, drained) => {
      wakers.forget(slot);
      readiness.clear(slot, drained);
    },
  };
});

const drainedWriterDisarms = inReadiness(() => (readiness) => {
  let drained = false;
  return {
    poll: (waker, slot, events) =>
      drained && slot === InterestSlot.Write ? Pending : readiness.poll(waker, slot, events),
    clear: (slot, isDrained) => {
      if (slot === InterestSlot.Write) drained = isDrained === true;
      readiness.clear(slot, isDrained);
    },
  };
});

/** A drained clear of one slot makes the other deaf, if nobody waits there. */
const drainedForgetsOther = inReadiness(() => (readiness) => {
  const wakers = new SlotWakers(readiness);
  const deaf = new Set<InterestSlot>();
  return {
    poll: (waker, slot, events) => wakers.poll(waker, slot, deaf.has(slot) ? PollEvents.EMPTY : events),
    clear: (slot, drained) => {
      deaf.delete(slot);
      readiness.clear(slot, drained);
      if (!drained || wakers.waiting(otherSlot(slot))) return;
      readiness.clear(otherSlot(slot));
      deaf.add(otherSlot(slot));
    },
  };
});

const drainedWriterMissesEnd = inReadiness(() => (readiness, fd) => {
  let drained = false;
  return {
    poll: (waker, slot, events) => {
      const isMissed = drained && slot === InterestSlot.Write && (eventsOf(fd) & ALWAYS_REPORTED) !== 0;
      return isMissed ? Pending : readiness.poll(waker, slot, events);
    },
    clear: (slot, isDrained) => {
      if (slot === InterestSlot.Write) drained = isDrained === true;
      readiness.clear(slot, isDrained);
    },
  };
});

/** Clears every registration of a descriptor. */
const clearsAllRegistrations = inReadiness(() => {
  const registrations = new Map<RawFd, Set<Readiness>>();
  return (readiness, fd) => {
    const all = registrations.get(fd) ?? new Set();
    registrations.set(fd, all.add(readiness));
    return {
      clear: (slot, drained) => {
        for (const each of all) each.clear(slot, drained);
      },
      [Symbol.dispose]: () => {
        all.delete(readiness);
        readiness[Symbol.dispose]();
      },
    };
  };
});

/** Drivers whose clears take too much, or nothing. */
export const readinessClearMutants: readonly Mutant[] = [
  {
    name: 'readiness-clears-all-registrations',
    fault: 'Clearing one registration of a descriptor clears the others.',
    base: 'epoll',
    convictedBy: bothParts('two-registrations'),
    break: clearsAllRegistrations,
  },
  {
    name: 'readiness-clear-disarms',
    fault: 'A slot is not armed again after it was cleared.',
    base: 'epoll',
    convictedBy: bothParts('edge'),
    break: clearDisarms,
  },
  {
    name: 'readiness-clear-forgets-waiter',
    fault: 'Clearing a slot takes its waker.',
    base: 'epoll',
    convictedBy: bothParts('clear-waiting'),
    break: clearForgetsWaiter,
  },
  {
    name: 'readiness-drained-writer-disarms',
    fault: 'A slot for writing that was drained is not armed again.',
    base: 'epoll',
    convictedBy: bothParts('drained'),
    break: drainedWriterDisarms,
  },
  {
    name: 'readiness-drained-forgets-other',
    fault: 'A drained clear of one slot makes the other deaf to what holds, if nobody waits there.',
    base: 'epoll',
    convictedBy: bothParts('drained'),
    break: drainedForgetsOther,
  },
  {
    name: 'readiness-drained-writer-misses-end',
    fault: 'A slot for writing that was drained is not told of an end from before its next poll.',
    base: 'epoll',
    convictedBy: bothParts('drained-end'),
    break: drainedWriterMissesEnd,
  },
  {
    name: 'readiness-trusts-drained',
    fault: 'A slot that was drained waits for the next event, though one came between.',
    base: 'epoll',
    convictedBy: bothParts('drained'),
    break: inside(trustsDrained),
  },
  {
    name: 'readiness-clears-both-slots',
    fault: 'Clearing one slot clears the other.',
    base: 'epoll',
    convictedBy: bothParts('cached'),
    break: clearsBothSlots,
  },
  {
    name: 'readiness-ignores-clear',
    fault: 'Clearing a slot does nothing.',
    base: 'epoll',
    convictedBy: bothParts('cached'),
    break: inReadiness(() => () => ({ clear: () => {} })),
  },
];
