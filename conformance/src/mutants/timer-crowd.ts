import { Pending, type TimerNode, TimerQueue } from '@polyring/core';
import { inside, replaceMethod } from '../seams/internals.js';
import { overlay } from '../seams/overlay.js';
import { inDrivers, inTimers } from '../seams/parts.js';
import type { Mutant } from './mutant.js';

/** Keeps timers by their deadlines, so that one takes the place of another. */
function queueOfDeadlines(): void {
  const queues = new WeakMap<object, Map<number, TimerNode>>();
  replaceMethod(TimerQueue.prototype, 'insert', (insert) => {
    return function (this: TimerQueue<TimerNode>, node) {
      const nodes = queues.get(this) ?? new Map<number, TimerNode>();
      queues.set(this, nodes);
      const same = nodes.get(node.deadline);
      if (same !== undefined && same.queueSlot !== -1 && same.deadline === node.deadline) this.remove(same);
      nodes.set(node.deadline, node);
      insert.call(this, node);
    };
  });
}

/** Moves a timer to the front of the queue, and not to a place before it that is another one. */
function queueOfFronts(): void {
  const places = new WeakMap<TimerNode, number>();
  replaceMethod(TimerQueue.prototype, 'insert', (insert) => {
    return function (this: TimerQueue<TimerNode>, node) {
      places.set(node, node.deadline);
      insert.call(this, node);
    };
  });
  replaceMethod(TimerQueue.prototype, 'reposition', (reposition) => {
    return function (this: TimerQueue<TimerNode>, node) {
      const isNearer = node.deadline < (places.get(node) ?? Number.NEGATIVE_INFINITY);
      if (isNearer && node.deadline >= this.earliest) return;
      places.set(node, node.deadline);
      reposition.call(this, node);
    };
  });
}

/** A timer that waits, or that the queue has lost. */
interface Queued {
  lost: boolean;
}

/** Disposing of a timer takes the last one of the queue, which should have filled the gap, along with it. */
const disposalTakesTwo = inDrivers((driver) => {
  const queue: Queued[] = [];
  const remove = (queued: Queued): boolean => {
    const at = queue.indexOf(queued);
    if (at !== -1) queue.splice(at, 1);
    return at !== -1 && at < queue.length;
  };
  return {
    newDynTimer: () => {
      const timer = driver.newDynTimer();
      const self: Queued = { lost: false };
      return overlay(timer, {
        pollTimer: (waker, deadline) => {
          const answer = timer.pollTimer(() => {
            remove(self);
            if (!self.lost) waker();
          }, deadline);
          remove(self);
          self.lost = false;
          if (answer === Pending) queue.push(self);
          return answer;
        },
        [Symbol.dispose]: () => {
          const last = remove(self) ? queue.pop() : undefined;
          if (last !== undefined) last.lost = true;
          timer[Symbol.dispose]();
        },
      });
    },
  };
});

const staysForInfinity = inTimers((timer) => ({
  setDeadline: (deadline) => {
    if (deadline !== Number.POSITIVE_INFINITY) timer.setDeadline(deadline);
  },
}));

/** Timers that are in each other's way. */
export const timerCrowdMutants: readonly Mutant[] = [
  {
    name: 'timers-by-deadline',
    fault: 'Of two timers with the same deadline, the one that waited first is forgotten.',
    base: 'epoll',
    convictedBy: ['timer.independent'],
    break: inside(queueOfDeadlines),
  },
  {
    name: 'timers-disposal-takes-two',
    fault: 'Disposing of a timer in the middle of the queue loses the one at its end.',
    base: 'epoll',
    convictedBy: ['timer.independent'],
    break: disposalTakesTwo,
  },
  {
    name: 'timers-rise-to-front-only',
    fault: 'A timer that moves nearer keeps its place in the queue, unless it is the next one then.',
    base: 'epoll',
    convictedBy: ['timer.independent'],
    break: inside(queueOfFronts),
  },
  {
    name: 'timers-stay-for-infinity',
    fault: 'A timer that is moved to Infinity stays where it is.',
    base: 'epoll',
    convictedBy: ['timer.independent'],
    break: staysForInfinity,
  },
];
