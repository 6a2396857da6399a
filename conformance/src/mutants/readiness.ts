import { ALL_EVENTS, ALWAYS_REPORTED, InterestSlot, Pending, PollEvents, type RawFd } from '@polyring/core';
import { POLL_ENTRY_WORDS, poll } from '@polyring/sys';
import { EpollSet } from '../../../packages/backend-epoll/dist/epoll-set.js';
import { EpollReadiness } from '../../../packages/backend-epoll/dist/parts/readiness.js';
import { Registration } from '../../../packages/backend-epoll/dist/registration.js';
import type { Change } from '../seams/change.js';
import { inside, replaceGetter, replaceMethod } from '../seams/internals.js';
import { inReadiness, inSockets, type Readiness } from '../seams/parts.js';
import { SlotWakers } from '../seams/slot-wakers.js';
import type { Mutant } from './mutant.js';

/** The rules of both parts with one name. */
function both(name: string): [string, string] {
  return [`readiness.${name}`, `socket.${name}`];
}

/** The events that hold on a descriptor now. */
function eventsOf(fd: RawFd): PollEvents {
  const entry = Int32Array.of(fd, ALL_EVENTS, 0);
  poll(entry, 0);
  return entry[POLL_ENTRY_WORDS - 1] as PollEvents;
}

const forgetsAtSecondPoll = inReadiness(() => (readiness) => {
  const waiting = new Set<InterestSlot>();
  return {
    poll: (waker, slot, events) => {
      const wake = (): void => {
        waiting.delete(slot);
        waker();
      };
      const answer = readiness.poll(waiting.has(slot) ? () => {} : wake, slot, events);
      if (answer === Pending) waiting.add(slot);
      else waiting.delete(slot);
      return answer;
    },
  };
});

const blindToThePast = inReadiness(() => (readiness, fd) => {
  let unseen = eventsOf(fd);
  return {
    poll: (waker, slot, events) =>
      (unseen & (events | ALWAYS_REPORTED)) !== 0 ? Pending : readiness.poll(waker, slot, events),
    clear: (slot) => {
      unseen = 0;
      readiness.clear(slot);
    },
  };
});

const oneMask = inReadiness(() => (readiness) => {
  const wakers = new SlotWakers(readiness);
  const masks = new Map<InterestSlot, PollEvents>();
  return {
    poll: (waker, slot, events) => {
      if (wakers.waiting(slot) && masks.get(slot) !== events) wakers.forget(other(slot));
      masks.set(slot, events);
      return wakers.poll(waker, slot, events);
    },
  };
});

/** Never takes anything out of the mask, and asks the kernel for the state only when something new goes into it. */
function trustsEdges(): void {
  const masks = new WeakMap<Registration, PollEvents>();
  replaceGetter(Registration.prototype, 'wanted', (wanted, registration) => {
    const grown = (masks.get(registration) ?? 0) | wanted;
    masks.set(registration, grown);
    return grown;
  });
  replaceMethod(EpollSet.prototype, 'arm', (arm) => {
    return function (this: EpollSet, registration) {
      if ((registration.wanted & ~registration.mask) !== 0) arm.call(this, registration);
    };
  });
}

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

/** Forgets at each poll that there was an end, and believes that nothing is left. */
function forgetsTheEnd(): void {
  const registrations = new WeakMap<object, Registration>();
  replaceMethod(EpollSet.prototype, 'join', (join) => {
    return function (this: EpollSet, fd, member) {
      const registration = join.call(this, fd, member);
      registrations.set(member, registration);
      return registration;
    };
  });
  for (const name of ['pollFdReady', 'pollSocketReady'] as const) {
    replaceMethod(EpollReadiness.prototype, name, (poll) => {
      return function (this: EpollReadiness, ...parameters) {
        const registration = registrations.get(this);
        if (registration !== undefined) registration.eventful = false;
        return poll.apply(this, parameters);
      };
    });
  }
}

const wakesLastPolled = inReadiness(() => (readiness) => {
  let last: InterestSlot = InterestSlot.Read;
  const wakers = new SlotWakers(readiness, (slot) => {
    wakers.wake(wakers.waiting(other(slot)) ? last : slot);
  });
  return {
    poll: (waker, slot, events) => {
      last = slot;
      return wakers.poll(waker, slot, events);
    },
  };
});

/** Says for each wake whether it is the first of its kind in a batch. */
class Batch {
  readonly #woken = new Set<unknown>();

  first(kind: unknown): boolean {
    if (this.#woken.has(kind)) return false;
    this.#woken.add(kind);
    // The drain calls its wakers without a tick in between.
    process.nextTick(() => this.#woken.delete(kind));
    return true;
  }
}

const wakesOneSlot = inReadiness(() => (readiness) => {
  const batch = new Batch();
  const wakers = new SlotWakers(readiness, (slot) => {
    if (batch.first(readiness)) wakers.wake(slot);
  });
  return { poll: (waker, slot, events) => wakers.poll(waker, slot, events) };
});

const wakesOneRegistration = inReadiness(() => {
  const batch = new Batch();
  return (readiness, fd) => {
    const wakers = new SlotWakers(readiness, (slot) => {
      if (batch.first(fd)) wakers.wake(slot);
    });
    return { poll: (waker, slot, events) => wakers.poll(waker, slot, events) };
  };
});

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

const forgetsOnceTold = inReadiness(() => (readiness) => ({
  poll: (waker, slot, events) => {
    const answer = readiness.poll(waker, slot, events);
    if (answer !== Pending) readiness.clear(slot);
    return answer;
  },
}));

const clearsBothSlots = inReadiness(() => (readiness) => ({
  clear: () => {
    readiness.clear(InterestSlot.Read);
    readiness.clear(InterestSlot.Write);
  },
}));

const forgetsOtherSlot = inReadiness(() => (readiness) => {
  const wakers = new SlotWakers(readiness, (slot) => {
    wakers.forget(other(slot));
    wakers.wake(slot);
  });
  return { poll: (waker, slot, events) => wakers.poll(waker, slot, events) };
});

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
      if (!drained || wakers.waiting(other(slot))) return;
      readiness.clear(other(slot));
      deaf.add(other(slot));
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

const socketForgetsOnceTold = inSockets((readiness) => ({
  poll: (waker, slot, events) => {
    const answer = readiness.poll(waker, slot, events);
    if (answer === PollEvents.OUT || answer === PollEvents.RDHUP) readiness.clear(slot);
    return answer;
  },
}));

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

/** A fault of answers: gets each that tells of something, and says what is told of it. */
function tells(change: (events: PollEvents) => PollEvents): Change {
  return inReadiness(() => (readiness) => ({
    poll: (...polled) => {
      const answer = readiness.poll(...polled);
      return answer === Pending ? answer : change(answer);
    },
  }));
}

/** The lowest of several events that were asked for, and the ends. */
function lowest(events: PollEvents): PollEvents {
  const asked = events & ~ALWAYS_REPORTED;
  return ((asked & -asked) | (events & ALWAYS_REPORTED)) as PollEvents;
}

const forgetsUrgent = inReadiness(() => (readiness) => ({
  poll: (waker, slot, events) => {
    const answer = readiness.poll(waker, slot, events);
    if (answer === PollEvents.PRI) readiness.clear(slot);
    return answer;
  },
}));

const interestDropsCache = inReadiness(() => (readiness) => {
  const masks = new Map<InterestSlot, PollEvents>();
  return {
    poll: (waker, slot, events) => {
      if ((masks.get(slot) ?? events) !== events) readiness.clear(slot);
      masks.set(slot, events);
      return readiness.poll(waker, slot, events);
    },
  };
});

function other(slot: InterestSlot): InterestSlot {
  return slot === InterestSlot.Read ? InterestSlot.Write : InterestSlot.Read;
}

/** Broken interest, slots and kept readiness. */
export const readinessMutants: readonly Mutant[] = [
  {
    name: 'readiness-forgets-at-second-poll',
    fault: 'A slot that is polled again while it waits is not woken any more.',
    base: 'epoll',
    convictedBy: both('wakes'),
    break: forgetsAtSecondPoll,
  },
  {
    name: 'readiness-blind-to-the-past',
    fault: 'Only edges that come after the registration are seen.',
    base: 'epoll',
    convictedBy: [...both('earlier-event'), 'readiness.register-while-asleep', 'process.already-exited'],
    break: blindToThePast,
  },
  {
    name: 'readiness-tells-one-event',
    fault: 'Of several events that were asked for, one is told.',
    base: 'epoll',
    convictedBy: both('earlier-event'),
    break: tells(lowest),
  },
  {
    name: 'readiness-end-hides-events',
    fault: 'An end is told without the events that were asked for.',
    base: 'epoll',
    convictedBy: both('earlier-event'),
    break: tells((events) => ((events & ALWAYS_REPORTED) === 0 ? events : ((events & ALWAYS_REPORTED) as PollEvents))),
  },
  {
    name: 'readiness-one-mask',
    fault: "A change of one slot's interest takes the other's out of the set.",
    base: 'epoll',
    convictedBy: both('interest-change'),
    break: oneMask,
  },
  {
    name: 'readiness-trusts-edges',
    fault: 'The mask only grows, and a waiter for what is in it waits for the next edge.',
    base: 'epoll',
    convictedBy: both('interest-change'),
    break: inside(trustsEdges),
  },
  {
    name: 'readiness-wakes-wrong-slot',
    fault: 'If both slots wait, the one that was polled last is woken, whosever event it is.',
    base: 'epoll',
    convictedBy: both('independent-slots'),
    break: wakesLastPolled,
  },
  {
    name: 'readiness-forgets-other-slot',
    fault: 'When one of two waiting slots was woken, the other is not watched any more until it is polled again.',
    base: 'epoll',
    convictedBy: both('independent-slots'),
    break: forgetsOtherSlot,
  },
  {
    name: 'readiness-wakes-one-slot',
    fault: 'One event wakes one slot, though both ask for it.',
    base: 'epoll',
    convictedBy: both('same-interest'),
    break: wakesOneSlot,
  },
  {
    name: 'readiness-wakes-one-registration',
    fault: 'Of the registrations of one descriptor, one event wakes one.',
    base: 'epoll',
    convictedBy: [...both('spurious-wake'), ...both('two-registrations')],
    break: wakesOneRegistration,
  },
  {
    name: 'readiness-clears-all-registrations',
    fault: 'Clearing one registration of a descriptor clears the others.',
    base: 'epoll',
    convictedBy: both('two-registrations'),
    break: clearsAllRegistrations,
  },
  {
    name: 'readiness-clear-disarms',
    fault: 'A slot is not armed again after it was cleared.',
    base: 'epoll',
    convictedBy: both('edge'),
    break: clearDisarms,
  },
  {
    name: 'readiness-clear-forgets-waiter',
    fault: 'Clearing a slot takes its waker.',
    base: 'epoll',
    convictedBy: both('clear-waiting'),
    break: clearForgetsWaiter,
  },
  {
    name: 'readiness-drained-writer-disarms',
    fault: 'A slot for writing that was drained is not armed again.',
    base: 'epoll',
    convictedBy: both('drained'),
    break: drainedWriterDisarms,
  },
  {
    name: 'readiness-drained-forgets-other',
    fault: 'A drained clear of one slot makes the other deaf to what holds, if nobody waits there.',
    base: 'epoll',
    convictedBy: both('drained'),
    break: drainedForgetsOther,
  },
  {
    name: 'readiness-drained-writer-misses-end',
    fault: 'A slot for writing that was drained is not told of an end from before its next poll.',
    base: 'epoll',
    convictedBy: both('drained-end'),
    break: drainedWriterMissesEnd,
  },
  {
    name: 'readiness-interest-drops-cache',
    fault: 'A slot that asks for something else forgets what was reported to it.',
    base: 'epoll',
    convictedBy: both('cached'),
    break: interestDropsCache,
  },
  {
    name: 'readiness-trusts-drained',
    fault: 'A slot that was drained waits for the next event, though one came between.',
    base: 'epoll',
    convictedBy: both('drained'),
    break: inside(trustsDrained),
  },
  {
    name: 'readiness-forgets-the-end',
    fault: 'After a drained clear the end of the stream is not told if it came before.',
    base: 'epoll',
    convictedBy: both('drained-end'),
    break: inside(forgetsTheEnd),
  },
  {
    name: 'readiness-forgets-once-told',
    fault: 'Readiness is forgotten when it was told once.',
    base: 'epoll',
    convictedBy: both('cached'),
    break: forgetsOnceTold,
  },
  {
    name: 'readiness-socket-forgets-once-told',
    fault: 'OUT and RDHUP of a socket are forgotten when they were told once.',
    base: 'epoll',
    convictedBy: ['socket.cached'],
    break: socketForgetsOnceTold,
  },
  {
    name: 'readiness-forgets-urgent-data',
    fault: 'Urgent data is forgotten when it was told once.',
    base: 'epoll',
    convictedBy: both('cached'),
    break: forgetsUrgent,
  },
  {
    name: 'readiness-clears-both-slots',
    fault: 'Clearing one slot clears the other.',
    base: 'epoll',
    convictedBy: both('cached'),
    break: clearsBothSlots,
  },
  {
    name: 'readiness-ignores-clear',
    fault: 'Clearing a slot does nothing.',
    base: 'epoll',
    convictedBy: both('cached'),
    break: inReadiness(() => () => ({ clear: () => {} })),
  },
];
