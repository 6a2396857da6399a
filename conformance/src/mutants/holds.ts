import { Pending, PollEvents, type PollWait } from '@polyring/core';
import type { Fault, Mutant } from './mutant.js';
import { overlay } from './seams/overlay.js';
import { inDrivers, inTimers, inWaits } from './seams/parts.js';

/** A fault of waits that hold the event loop from a poll that is pending to their wake, and past one other end. */
function holdsPast(end: 'answer' | 'cancel'): Fault {
  return inWaits((wait): Partial<PollWait> => {
    let hold: NodeJS.Timeout | undefined;
    const letGo = (): void => {
      clearInterval(hold);
      hold = undefined;
    };
    return {
      pollWait: (waker) => {
        const answer = wait.pollWait(() => {
          letGo();
          waker();
        });
        if (answer === Pending) hold ??= setInterval(() => {}, 3_600_000);
        else if (end !== 'answer') letGo();
        return answer;
      },
      pollCancelWait: (waker) => {
        if (end !== 'cancel') letGo();
        return wait.pollCancelWait(waker);
      },
      [Symbol.dispose]: () => {
        letGo();
        wait[Symbol.dispose]();
      },
    };
  });
}

const infinityHoldsNothing = inTimers((timer) => ({
  pollTimer: (waker, deadline) => {
    if (deadline === Number.POSITIVE_INFINITY) timer.unref();
    return timer.pollTimer(waker, deadline);
  },
}));

const emptyMaskHoldsNothing = inDrivers((driver) => ({
  newDynFdReady: (fd) => {
    const readiness = driver.newDynFdReady(fd);
    return overlay(readiness, {
      pollFdReady: (waker, slot, events) => {
        if (events === PollEvents.EMPTY) readiness.unref();
        return readiness.pollFdReady(waker, slot, events);
      },
    });
  },
}));

/** Drivers that keep the process alive for what is over, or let it end before what is not. */
export const holdMutants: readonly Mutant[] = [
  {
    name: 'hold-past-answer',
    fault: 'A wait that a poll ends before its wake keeps the process alive.',
    base: 'epoll',
    convictedBy: ['lifecycle.idle-lets-end'],
    break: holdsPast('answer'),
  },
  {
    name: 'hold-past-cancel',
    fault: 'A wait that was cancelled keeps the process alive.',
    base: 'epoll',
    convictedBy: ['lifecycle.idle-lets-end'],
    break: holdsPast('cancel'),
  },
  {
    name: 'hold-not-for-infinity',
    fault: 'A timer at Infinity that is waited for does not keep the process alive.',
    base: 'epoll',
    convictedBy: ['lifecycle.ref-keeps-alive'],
    break: infinityHoldsNothing,
  },
  {
    name: 'hold-not-for-empty-mask',
    fault: 'A registration that is polled for no event does not keep the process alive.',
    base: 'epoll',
    convictedBy: ['lifecycle.ref-keeps-alive'],
    break: emptyMaskHoldsNothing,
  },
];
