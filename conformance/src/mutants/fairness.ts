import { now, PollEvents, TimerSet } from '@polyring/core';
import { POLL_ENTRY_WORDS, poll } from '@polyring/sys';
import { EpollSet } from '../../../packages/backend-epoll/dist/epoll-set.js';
import { Engine } from '../../../packages/backend-uring/dist/engine/engine.js';
import { everyNth } from '../seams/counter.js';
import { inside, replaceMethod } from '../seams/internals.js';
import { inWakers } from '../seams/parts.js';
import type { Mutant } from './mutant.js';

/** Goes round promises and ticks by turns, so that what they set off has been done, and then calls. */
function afterPromises(callback: () => void, rounds = 4): void {
  if (rounds === 0) callback();
  else process.nextTick(() => queueMicrotask(() => afterPromises(callback, rounds - 1)));
}

/** Whether a set of epoll has events. A set that was closed has none. */
function hasEvents({ fd }: EpollSet): boolean {
  const entry = Int32Array.of(fd, PollEvents.IN, 0);
  poll(entry, 0);
  return entry[POLL_ENTRY_WORDS - 1] === PollEvents.IN;
}

/** Drains again and again, promises in between, for as long as the set has events: the loop does not turn meanwhile. */
function drainsForEver(): void {
  replaceMethod(EpollSet.prototype, 'drain', (drain) => {
    return function (this: EpollSet) {
      drain.call(this);
      afterPromises(() => {
        if (hasEvents(this)) this.drain();
      });
    };
  });
}

/** Drains again and again within one call, for as long as the set has events. */
function drainsInOneGo(): void {
  replaceMethod(EpollSet.prototype, 'drain', (drain) => {
    return function (this: EpollSet) {
      do drain.call(this);
      while (hasEvents(this));
    };
  });
}

/** Delivers after each submission what has completed in it, without a limit. */
function deliversInlineForEver(): void {
  replaceMethod(Engine.prototype, 'enqueue', (enqueue) => {
    return function (this: Engine, operation) {
      enqueue.call(this, operation);
      process.nextTick(this.onReadable);
    };
  });
}

/** Counts an expiry of the kernel's timer as one, however many timers are due by it. */
function countsExpiriesOnly(): void {
  replaceMethod(Engine.prototype, 'toldMore', () => () => {});
}

/** Fires again and again within one drain, for as long as timers are due. */
function firesInOneGo(): void {
  replaceMethod(TimerSet.prototype, 'fire', (fire) => {
    return function (this: TimerSet) {
      let fired = 0;
      do fired += fire.call(this);
      while ((this.earliest ?? Number.POSITIVE_INFINITY) <= now());
      return fired;
    };
  });
}

const losesThousandth = inWakers(() => {
  const isLost = everyNth(1000);
  return (waker) => () => {
    if (!isLost()) waker();
  };
});

/** Drivers that leave somebody waiting. */
export const fairnessMutants: readonly Mutant[] = [
  {
    name: 'fairness-drains-for-ever',
    fault: 'The set is drained until nothing comes any more, and the loop does not turn meanwhile.',
    base: 'epoll',
    convictedBy: ['fairness.busy-waits', 'fairness.due-timers', 'fairness.thousand-ready'],
    break: inside(drainsForEver),
  },
  {
    name: 'fairness-drains-in-one-go',
    fault: 'One drain goes on for as long as its wakers bring new events.',
    base: 'epoll',
    convictedBy: ['fairness.busy-wakers'],
    break: inside(drainsInOneGo),
  },
  {
    name: 'fairness-inline-for-ever',
    fault: 'Operations that complete while they are submitted are delivered inline without a limit.',
    base: 'uring',
    convictedBy: ['fairness.busy-reads', 'fairness.busy-nops'],
    break: inside(deliversInlineForEver),
  },
  {
    name: 'fairness-timers-inline-for-ever',
    fault: 'Timers that are due again at once are woken again and again, and the loop does not turn meanwhile.',
    base: 'uring',
    convictedBy: ['fairness.due-timers'],
    break: inside(countsExpiriesOnly),
  },
  {
    name: 'fairness-loses-thousandth',
    fault: 'Every 1,000th wake is lost.',
    base: 'epoll',
    convictedBy: ['fairness.thousand-ready'],
    break: losesThousandth,
  },
  {
    name: 'fairness-timers-in-one-go',
    fault: 'One drain of the timers goes on for as long as its wakers make timers due.',
    base: 'epoll',
    convictedBy: ['fairness.due-timers'],
    break: inside(firesInOneGo),
  },
];
