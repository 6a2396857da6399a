import { ALWAYS_REPORTED, InterestSlot, Pending, PollEvents } from '@polyring/core';
import { EpollSet } from '../../../packages/backend-epoll/dist/epoll-set.js';
import { EpollReadiness } from '../../../packages/backend-epoll/dist/parts/readiness.js';
import { Registration } from '../../../packages/backend-epoll/dist/registration.js';
import type { Change } from '../seams/change.js';
import { inside, replaceGetter, replaceMethod } from '../seams/internals.js';
import { inReadiness, inSockets } from '../seams/parts.js';
import { eventsOf, otherSlot } from '../seams/readiness-state.js';
import { SlotWakers } from '../seams/slot-wakers.js';
import { bothParts, type Mutant } from './mutant.js';

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
      if (wakers.waiting(slot) && masks.get(slot) !== events) wakers.forget(otherSlot(slot));
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
    wakers.wake(wakers.waiting(otherSlot(slot)) ? last : slot);
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

const forgetsOnceTold = inReadiness(() => (readiness) => ({
  poll: (waker, slot, events) => {
    const answer = readiness.poll(waker, slot, events);
    if (answer !== Pending) readiness.clear(slot);
    return answer;
  },
}));

const forgetsOtherSlot = inReadiness(() => (readiness) => {
  const wakers = new SlotWakers(readiness, (slot) => {
    wakers.forget(otherSlot(slot));
    wakers.wake(slot);
  });
  return { poll: (waker, slot, events) => wakers.poll(waker, slot, events) };
});

const socketForgetsOnceTold = inSockets((readiness) => ({
  poll: (waker, slot, events) => {
    const answer = readiness.poll(waker, slot, events);
    if (answer === PollEvents.OUT || answer === PollEvents.RDHUP) readiness.clear(slot);
    return answer;
  },
}));

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

/** Broken interest, slots and kept readiness. */
export const readinessMutants: readonly Mutant[] = [
  {
    name: 'readiness-forgets-at-second-poll',
    fault: 'A slot that is polled again while it waits is not woken any more.',
    base: 'epoll',
    convictedBy: bothParts('wakes'),
    break: forgetsAtSecondPoll,
  },
  {
    name: 'readiness-blind-to-the-past',
    fault: 'Only edges that come after the registration are seen.',
    base: 'epoll',
    convictedBy: [...bothParts('earlier-event'), 'readiness.register-while-asleep', 'process.already-exited'],
    break: blindToThePast,
  },
  {
    name: 'readiness-tells-one-event',
    fault: 'Of several events that were asked for, one is told.',
    base: 'epoll',
    convictedBy: bothParts('earlier-event'),
    break: tells(lowest),
  },
  {
    name: 'readiness-end-hides-events',
    fault: 'An end is told without the events that were asked for.',
    base: 'epoll',
    convictedBy: bothParts('earlier-event'),
    break: tells((events) => ((events & ALWAYS_REPORTED) === 0 ? events : ((events & ALWAYS_REPORTED) as PollEvents))),
  },
  {
    name: 'readiness-one-mask',
    fault: "A change of one slot's interest takes the other's out of the set.",
    base: 'epoll',
    convictedBy: bothParts('interest-change'),
    break: oneMask,
  },
  {
    name: 'readiness-trusts-edges',
    fault: 'The mask only grows, and a waiter for what is in it waits for the next edge.',
    base: 'epoll',
    convictedBy: bothParts('interest-change'),
    break: inside(trustsEdges),
  },
  {
    name: 'readiness-wakes-wrong-slot',
    fault: 'If both slots wait, the one that was polled last is woken, whosever event it is.',
    base: 'epoll',
    convictedBy: bothParts('independent-slots'),
    break: wakesLastPolled,
  },
  {
    name: 'readiness-forgets-other-slot',
    fault: 'When one of two waiting slots was woken, the other is not watched any more until it is polled again.',
    base: 'epoll',
    convictedBy: bothParts('independent-slots'),
    break: forgetsOtherSlot,
  },
  {
    name: 'readiness-wakes-one-slot',
    fault: 'One event wakes one slot, though both ask for it.',
    base: 'epoll',
    convictedBy: bothParts('same-interest'),
    break: wakesOneSlot,
  },
  {
    name: 'readiness-wakes-one-registration',
    fault: 'Of the registrations of one descriptor, one event wakes one.',
    base: 'epoll',
    convictedBy: [...bothParts('spurious-wake'), ...bothParts('two-registrations')],
    break: wakesOneRegistration,
  },
  {
    name: 'readiness-interest-drops-cache',
    fault: 'A slot that asks for something else forgets what was reported to it.',
    base: 'epoll',
    convictedBy: bothParts('cached'),
    break: interestDropsCache,
  },
  {
    name: 'readiness-forgets-the-end',
    fault: 'After a drained clear the end of the stream is not told if it came before.',
    base: 'epoll',
    convictedBy: bothParts('drained-end'),
    break: inside(forgetsTheEnd),
  },
  {
    name: 'readiness-forgets-once-told',
    fault: 'Readiness is forgotten when it was told once.',
    base: 'epoll',
    convictedBy: bothParts('cached'),
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
    convictedBy: bothParts('cached'),
    break: forgetsUrgent,
  },
];
