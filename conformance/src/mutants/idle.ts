import { Pending, type Poll, PollEvents } from '@polyring/core';
import { inReadiness, inTimers, inWaits } from '../seams/parts.js';
import type { Mutant } from './mutant.js';

/** Keeps the loop from sleeping, now and then. */
class Spin {
  #next: NodeJS.Immediate | undefined;

  /** Spins from now on, or does not any more. */
  set on(on: boolean) {
    clearImmediate(this.#next);
    if (on) this.#turn();
  }

  #turn(): void {
    this.#next = setImmediate(() => this.#turn());
  }
}

const toldSpins = inReadiness(() => (readiness) => {
  const spin = new Spin();
  const isFlow = (answer: Poll<PollEvents>): boolean =>
    answer !== Pending && (answer & (PollEvents.IN | PollEvents.OUT)) !== 0;
  return {
    poll: (...polled) => {
      const answer = readiness.poll(...polled);
      spin.on = isFlow(answer);
      return answer;
    },
    [Symbol.dispose]: () => {
      spin.on = false;
      readiness[Symbol.dispose]();
    },
  };
});

const dueSpins = inTimers((timer) => {
  const spin = new Spin();
  return {
    pollTimer: (waker, deadline) => {
      const answer = timer.pollTimer(waker, deadline);
      spin.on = answer !== Pending;
      return answer;
    },
    [Symbol.dispose]: () => {
      spin.on = false;
      timer[Symbol.dispose]();
    },
  };
});

const signalSpins = inWaits((wait) => {
  const spin = new Spin();
  return {
    pollWait: (waker) => {
      spin.on = false;
      return wait.pollWait(() => {
        spin.on = true;
        waker();
      });
    },
    [Symbol.dispose]: () => {
      spin.on = false;
      wait[Symbol.dispose]();
    },
  };
});

/** Drivers that do not let the loop sleep while nobody waits. */
export const idleMutants: readonly Mutant[] = [
  {
    name: 'idle-told-spins',
    fault: 'The loop spins when a slot was told of data or of room, until it is polled again.',
    base: 'epoll',
    convictedBy: ['lifecycle.idle-is-quiet'],
    break: toldSpins,
  },
  {
    name: 'idle-due-spins',
    fault: 'The loop spins when a timer has told that it is due.',
    base: 'epoll',
    convictedBy: ['lifecycle.idle-is-quiet'],
    break: dueSpins,
  },
  {
    name: 'idle-signal-spins',
    fault: 'The loop spins when a wait has woken its waiter, until it is polled again.',
    base: 'epoll',
    convictedBy: ['lifecycle.idle-is-quiet'],
    break: signalSpins,
  },
];
