import { Pending, type Waker } from '@polyring/core';
import { inReadiness, inTimers, inWaits } from '../seams/parts.js';
import type { Mutant } from './mutant.js';

/** Knows whether a waker of one object is being called. */
class OwnWaker {
  #isCalled = false;

  get isCalled(): boolean {
    return this.#isCalled;
  }

  watch(waker: Waker): Waker {
    return () => {
      this.#isCalled = true;
      try {
        waker();
      } finally {
        this.#isCalled = false;
      }
    };
  }
}

const nobody: Waker = () => {};

const forgetsTimer = inTimers((timer) => {
  const own = new OwnWaker();
  return {
    pollTimer: (waker, deadline) => {
      const answer = timer.pollTimer(own.watch(waker), deadline);
      if (own.isCalled && answer === Pending) timer.pollTimer(nobody);
      return answer;
    },
  };
});

const forgetsReadiness = inReadiness(() => (readiness) => {
  const own = new OwnWaker();
  return {
    poll: (waker, slot, events) => {
      const answer = readiness.poll(own.watch(waker), slot, events);
      if (own.isCalled && answer === Pending) readiness.poll(nobody, slot, events);
      return answer;
    },
  };
});

const forgetsWait = inWaits((wait) => {
  const own = new OwnWaker();
  return {
    pollWait: (waker) => {
      const answer = wait.pollWait(own.watch(waker));
      if (own.isCalled && answer === Pending) wait.pollWait(nobody);
      return answer;
    },
  };
});

const forgetsCancel = inWaits((wait) => {
  const own = new OwnWaker();
  return {
    pollWait: (waker) => wait.pollWait(own.watch(waker)),
    pollCancelWait: (waker) => (own.isCalled ? Pending : wait.pollCancelWait(waker)),
  };
});

/** Drivers that forget what a waker asks of its own object, as they set its state when the waker has returned. */
export const ownWakerMutants: readonly Mutant[] = [
  {
    name: 'own-waker-forgets-timer',
    fault: 'A timer that is polled in its own waker is not watched any more when that returns.',
    base: 'epoll',
    convictedBy: ['scope.poll-in-own-waker'],
    break: forgetsTimer,
  },
  {
    name: 'own-waker-forgets-readiness',
    fault: 'A slot that is polled in its own waker is not watched any more when that returns.',
    base: 'epoll',
    convictedBy: ['scope.poll-in-own-waker'],
    break: forgetsReadiness,
  },
  {
    name: 'own-waker-forgets-wait',
    fault: 'A wait that begins in the waker of the one before is not watched any more when that returns.',
    base: 'epoll',
    convictedBy: ['scope.poll-in-own-waker'],
    break: forgetsWait,
  },
  {
    name: 'own-waker-forgets-cancel',
    fault: 'A cancel in the waker of its own wait never ends.',
    base: 'epoll',
    convictedBy: ['wait.cancel-after-wake'],
    break: forgetsCancel,
  },
];
