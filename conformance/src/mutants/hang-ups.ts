import { ALWAYS_REPORTED, InterestSet, InterestSlot, outOfRange, Pending, PollEvents } from '@polyring/core';
import { EPOLL_CTL_MOD, epollCtl } from '@polyring/sys';
import { EpollSet } from '../../../packages/backend-epoll/dist/epoll-set.js';
import { EpollReadiness } from '../../../packages/backend-epoll/dist/parts/readiness.js';
import { Registration } from '../../../packages/backend-epoll/dist/registration.js';
import { ExactPoll } from '../../../packages/backend-uring/dist/parts/exact-poll.js';
import type { Change } from '../seams/change.js';
import { inside, replaceGetter, replaceMethod } from '../seams/internals.js';
import { inReadiness, inSockets } from '../seams/parts.js';
import type { Mutant } from './mutant.js';

const { IN, OUT, PRI, ERR, HUP, RDHUP } = PollEvents;

/** A fault of what the kernel is asked to report. */
function asksFor(change: (events: PollEvents) => PollEvents): Change {
  return inside(() => replaceGetter(Registration.prototype, 'wanted', change));
}

/** A fault of what the kernel reports, on its way to the waiters. */
function hears(change: (events: PollEvents) => PollEvents): Change {
  return inside(() =>
    replaceMethod(EpollReadiness.prototype, 'deliver', (deliver) => {
      return function (this: EpollReadiness, events) {
        return deliver.call(this, change(events));
      };
    }),
  );
}

const rdhupStays = inReadiness(() => (readiness) => {
  const told = new Set<InterestSlot>();
  return {
    poll: (waker, slot, events) => {
      const answer = readiness.poll(waker, slot, events);
      if (answer === Pending) return told.has(slot) ? RDHUP : Pending;
      if ((answer & RDHUP) !== 0) told.add(slot);
      return answer;
    },
  };
});

/** Asks for RDHUP in every poll, as POLL_ADD does of itself, and asks again when nobody wants what it hears. */
const rdhupSpins = inside(() =>
  replaceMethod(ExactPoll.prototype, 'arm', (arm) => {
    return function (this: ExactPoll, events) {
      arm.call(this, events | RDHUP);
    };
  }),
);

const rdhupIsAll = inReadiness(() => (readiness) => {
  const told = new Set<InterestSlot>();
  return {
    poll: (waker, slot, events) => {
      const answer = readiness.poll(waker, slot, events);
      if (answer === Pending) return answer;
      if (told.has(slot)) return answer & ~HUP || Pending;
      if ((answer & (RDHUP | HUP)) === RDHUP) told.add(slot);
      return answer;
    },
  };
});

const rdhupEndsBoth = inReadiness(() => (readiness) => {
  let over = false;
  return {
    poll: (waker, slot, events) => {
      if (over) return Pending;
      const answer = readiness.poll(waker, slot, events);
      over = answer !== Pending && (answer & RDHUP) !== 0;
      return answer;
    },
  };
});

const hupAtFirst = inSockets((readiness) => {
  let fresh = true;
  return {
    poll: (waker, slot, events) => {
      const answer = readiness.poll(waker, slot, events);
      if (answer === Pending || !fresh || (answer & OUT) === 0) return answer;
      fresh = false;
      return answer | HUP;
    },
  };
});

const drainedWithoutUrgent = inReadiness(() => (readiness) => {
  let drained = false;
  return {
    poll: (waker, slot, events) => readiness.poll(waker, slot, drained ? events & ~PRI : events),
    clear: (slot, isDrained) => {
      drained = isDrained === true;
      readiness.clear(slot, isDrained);
    },
  };
});

const dataIsUrgent = inReadiness(() => (readiness) => ({
  poll: (waker, slot, events) => {
    const answer = readiness.poll(waker, slot, events);
    return answer !== Pending && (answer & IN) !== 0 ? answer | (events & PRI) : answer;
  },
}));

/** Wakes the first slot that waits for an end or an error alone, and leaves the other one waiting. */
const endsOfOneSlot = inside(() => {
  const told = new WeakSet<InterestSet>();
  replaceMethod(InterestSet.prototype, 'deliverWanted', (deliverWanted) => {
    return function (this: InterestSet, events) {
      if (!this.anyWaiting || (events & this.wantedByAny & ~ALWAYS_REPORTED) !== 0)
        return deliverWanted.call(this, events);
      if (told.has(this)) return false;
      told.add(this);
      this.deliver(this.waiting(InterestSlot.Read) ? InterestSlot.Read : InterestSlot.Write, events);
      return true;
    };
  });
});

/** Tells an end that comes with an event to the slot that asked for the event, and the other one of nothing. */
const endsOfNamer = inside(() => {
  replaceMethod(InterestSet.prototype, 'deliverWanted', (deliverWanted) => {
    return function (this: InterestSet, events) {
      const named = events & this.wantedByAny & ~ALWAYS_REPORTED;
      if (named === 0) return deliverWanted.call(this, events);
      for (const slot of [InterestSlot.Read, InterestSlot.Write] as const) {
        if ((this.wanted(slot) & named) !== 0) this.deliver(slot, events);
      }
      return true;
    };
  });
});

/** Takes an end for told once a slot was told of it: the other one waits for the next. */
const endsToldOnce = inReadiness(() => (readiness) => {
  let told: InterestSlot | undefined;
  return {
    poll: (waker, slot, events) => {
      const answer = readiness.poll(waker, slot, events);
      if (answer === Pending || (answer & ALWAYS_REPORTED) === 0) return answer;
      told ??= slot;
      return told === slot ? answer : answer & ~ALWAYS_REPORTED || Pending;
    },
  };
});

/** Tells one slot of errors, which come of writing. */
const errorsOfWriter = inReadiness(() => (readiness) => ({
  poll: (waker, slot, events) => {
    const answer = readiness.poll(waker, slot, events);
    return answer === Pending || slot === InterestSlot.Write ? answer : answer & ~ERR || Pending;
  },
}));

const refusesEnds = inReadiness(() => (readiness) => ({
  poll: (waker, slot, events) => {
    if ((events & ALWAYS_REPORTED) !== 0) throw outOfRange('events', 'a set of IN, OUT and PRI', events);
    return readiness.poll(waker, slot, events);
  },
}));

/** Takes the ends that a mask names for events that are reported without being asked for, and so drops them. */
const dropsNamedEnds = inReadiness(() => (readiness) => ({
  poll: (waker, slot, events) => {
    const answer = readiness.poll(waker, slot, events);
    return answer !== Pending && (answer & ~(events & ALWAYS_REPORTED)) === 0 ? Pending : answer;
  },
}));

/** Registers a descriptor level-triggered, so that the kernel tells of its end, which cannot be masked, again and again. */
function registersByLevel(): void {
  replaceMethod(EpollSet.prototype, 'join', (join) => {
    return function (this: EpollSet, fd, member) {
      const registration = join.call(this, fd, member);
      epollCtl(this.fd, EPOLL_CTL_MOD, fd, 0, registration.index, registration.generation);
      return registration;
    };
  });
}

/** Once a slot was told of such an end, the loop spins until the object is polled again. */
function spinsOnceTold(isSuch: (events: PollEvents) => boolean): Change {
  return inReadiness(() => (readiness) => {
    let spinning: NodeJS.Immediate | undefined;
    const spin = (): void => {
      spinning = setImmediate(spin);
    };
    return {
      poll: (waker, slot, events) => {
        clearImmediate(spinning);
        const answer = readiness.poll(waker, slot, events);
        if (answer !== Pending && isSuch(answer)) spin();
        return answer;
      },
      [Symbol.dispose]: () => {
        clearImmediate(spinning);
        readiness[Symbol.dispose]();
      },
    };
  });
}

/** Drivers that misunderstand the kernel's events. */
export const hangUpMutants: readonly Mutant[] = [
  {
    name: 'events-without-rdhup',
    fault: 'The kernel is not asked for RDHUP.',
    base: 'epoll',
    convictedBy: ['readiness.rdhup-any-mask', 'socket.rdhup-any-mask'],
    break: asksFor((events) => events & ~RDHUP),
  },
  {
    name: 'events-without-pri',
    fault: 'The kernel is not asked for PRI.',
    base: 'epoll',
    convictedBy: ['readiness.urgent', 'socket.urgent'],
    break: asksFor((events) => events & ~PRI),
  },
  {
    name: 'events-drained-without-pri',
    fault: 'After a drained clear, urgent data is not asked for.',
    base: 'epoll',
    convictedBy: ['readiness.urgent', 'socket.urgent'],
    break: drainedWithoutUrgent,
  },
  {
    name: 'events-without-hup',
    fault: 'HUP is dropped.',
    base: 'epoll',
    convictedBy: ['readiness.hup-any-mask', 'socket.hup-any-mask', 'readiness.pipe-hup-any-mask'],
    break: hears((events) => events & ~HUP),
  },
  {
    name: 'events-without-err',
    fault: 'ERR is dropped.',
    base: 'epoll',
    convictedBy: ['readiness.err-any-mask', 'socket.refused'],
    break: hears((events) => events & ~ERR),
  },
  {
    name: 'events-hup-is-err',
    fault: 'HUP is told as ERR as well.',
    base: 'epoll',
    convictedBy: ['readiness.pipe-end-exact'],
    break: hears((events) => ((events & HUP) === 0 ? events : events | ERR)),
  },
  {
    name: 'events-rdhup-stays',
    fault: 'A slot that was told of RDHUP is told of it at each poll, whatever was cleared.',
    base: 'epoll',
    convictedBy: ['readiness.half-closed-writer', 'socket.half-closed-writer'],
    break: rdhupStays,
  },
  {
    name: 'events-rdhup-spins',
    fault: 'The loop spins while a slot waits for room that was told of RDHUP.',
    base: 'uring',
    convictedBy: ['readiness.half-closed-writer', 'socket.half-closed-writer'],
    break: rdhupSpins,
  },
  {
    name: 'events-rdhup-is-all',
    fault: 'A slot that was told of RDHUP is not told of HUP any more.',
    base: 'epoll',
    convictedBy: ['readiness.half-closed-writer', 'socket.half-closed-writer'],
    break: rdhupIsAll,
  },
  {
    name: 'events-rdhup-ends-both',
    fault: "The end of the peer's direction is taken for the end of both.",
    base: 'epoll',
    convictedBy: ['socket.half-close'],
    break: rdhupEndsBoth,
  },
  {
    name: 'events-end-of-one-slot',
    fault: 'Of two slots that wait, one is woken by an end that neither named.',
    base: 'epoll',
    convictedBy: ['readiness.end-of-both', 'socket.end-of-both'],
    break: endsOfOneSlot,
  },
  {
    name: 'events-end-of-namer',
    fault: 'An end that comes with an event is told to the slot that asked for the event, and not to the other one.',
    base: 'epoll',
    convictedBy: ['readiness.end-of-both', 'socket.end-of-both'],
    break: endsOfNamer,
  },
  {
    name: 'events-end-told-once',
    fault: 'An end that one slot was told of is not told to the other one.',
    base: 'epoll',
    convictedBy: ['readiness.end-of-both', 'socket.end-of-both'],
    break: endsToldOnce,
  },
  {
    name: 'events-error-of-writer',
    fault: 'ERR is told to the slot for writing alone.',
    base: 'epoll',
    convictedBy: ['readiness.end-of-both', 'socket.end-of-both', 'readiness.err-any-mask'],
    break: errorsOfWriter,
  },
  {
    name: 'events-refuses-ends',
    fault: 'A mask that names HUP, ERR or RDHUP is refused.',
    base: 'epoll',
    convictedBy: ['readiness.hup-any-mask', 'socket.rdhup-any-mask', 'readiness.err-any-mask'],
    break: refusesEnds,
  },
  {
    name: 'events-drops-named-ends',
    fault: 'An end is not told to who asked for it by name.',
    base: 'epoll',
    convictedBy: ['readiness.hup-any-mask', 'socket.rdhup-any-mask', 'readiness.err-any-mask'],
    break: dropsNamedEnds,
  },
  {
    name: 'events-hup-at-first',
    fault: 'The first OUT of a socket comes with the HUP of the time before it was connected.',
    base: 'epoll',
    convictedBy: ['socket.accept-and-connect'],
    break: hupAtFirst,
  },
  {
    name: 'events-data-is-urgent',
    fault: 'Ordinary data is told as IN and PRI.',
    base: 'epoll',
    convictedBy: ['readiness.ordinary-data', 'socket.ordinary-data'],
    break: dataIsUrgent,
  },
  {
    name: 'events-gone-are-lost',
    fault: 'A poll whose events were gone before they were told is not made again.',
    base: 'uring',
    convictedBy: ['readiness.spurious-wake', 'socket.spurious-wake', 'readiness.urgent', 'socket.urgent'],
    break: inside(() => replaceMethod(InterestSet.prototype, 'waiting', () => () => false)),
  },
  {
    name: 'events-end-spins-at-first',
    fault: 'The loop spins when the peer of a registration hangs up that nobody has polled yet.',
    base: 'epoll',
    convictedBy: ['readiness.idle-is-quiet', 'socket.idle-is-quiet'],
    break: inside(registersByLevel),
  },
  {
    name: 'events-end-spins-once-told',
    fault: 'The loop spins when a slot was told of an end: it is polled again for nobody.',
    base: 'uring',
    convictedBy: ['readiness.idle-is-quiet', 'socket.idle-is-quiet'],
    break: inside(() => replaceMethod(InterestSet.prototype, 'waiting', () => () => true)),
  },
  {
    name: 'events-half-close-spins-once-told',
    fault: 'The loop spins when a slot was told of RDHUP, and not of HUP.',
    base: 'epoll',
    convictedBy: ['readiness.idle-is-quiet', 'socket.idle-is-quiet'],
    break: spinsOnceTold((events) => (events & (RDHUP | HUP)) === RDHUP),
  },
  {
    name: 'events-error-spins-once-told',
    fault: 'The loop spins when a slot was told of ERR.',
    base: 'epoll',
    convictedBy: ['readiness.idle-is-quiet', 'socket.idle-is-quiet'],
    break: spinsOnceTold((events) => (events & ERR) !== 0),
  },
  {
    name: 'events-hup-hides-ends',
    fault: 'Where HUP holds, nothing is told of ERR and RDHUP.',
    base: 'epoll',
    convictedBy: ['readiness.hup-any-mask', 'socket.hup-any-mask'],
    break: hears((events) => ((events & HUP) !== 0 ? events & ~(ERR | RDHUP) : events) as PollEvents),
  },
];
