import { Pending, PollEvents, type RawFd, type Waker } from '@polyring/core';
import { EpollWait } from '../../../packages/backend-epoll/dist/parts/wait.js';
import type { Change } from '../seams/change.js';
import { inside, replaceGetter } from '../seams/internals.js';
import { overlay } from '../seams/overlay.js';
import { inDrivers, inWaits } from '../seams/parts.js';
import type { Mutant } from './mutant.js';

/** A fault of what the kernel is asked to report for a wait. */
function asksFor(change: (events: PollEvents) => PollEvents): Change {
  return inside(() => replaceGetter(EpollWait.prototype, 'wanted', change));
}

/** Of the waits of one descriptor, an event wakes one, as if each event were one signal. */
const wakesOne = inDrivers((driver) => {
  const woken = new Set<RawFd>();
  return {
    newDynWait: (fd, readSize) => {
      const wait = driver.newDynWait(fd, readSize);
      const once = (waker: Waker): Waker => {
        return () => {
          if (woken.has(fd)) return;
          woken.add(fd);
          process.nextTick(() => woken.delete(fd));
          waker();
        };
      };
      return overlay(wait, { pollWait: (waker) => wait.pollWait(once(waker)) });
    },
  };
});

/** A failed read is the answer of every wait that comes after it. */
const failsForEver = inWaits((wait) => {
  let failure: unknown;
  return {
    pollWait: (waker) => {
      if (failure !== undefined) throw failure;
      try {
        return wait.pollWait(waker);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).syscall === 'read') failure = error;
        throw error;
      }
    },
  };
});

/** A fault of the first cancel behind a wait that is over: it is pending, and false a while later. */
function cancelsOver(end: 'answer' | 'error'): Change {
  return inWaits((wait) => {
    let over: typeof end | undefined;
    return {
      pollWait: (waker) => {
        over = 'error';
        const answer = wait.pollWait(waker);
        over = answer === Pending ? undefined : 'answer';
        return answer;
      },
      pollCancelWait: (waker) => {
        const isLate = over === end;
        over = undefined;
        if (!isLate) return wait.pollCancelWait(waker);
        setImmediate(waker);
        return Pending;
      },
    };
  });
}

/** The value is taken away by the beginning of a wait, or by its cancel. */
function forgetsValue(at: 'beginning' | 'cancel'): Change {
  return inWaits((wait) => {
    let forgotten = false;
    return {
      get value() {
        return forgotten ? 0n : wait.value;
      },
      pollWait: (waker) => {
        const answer = wait.pollWait(waker);
        forgotten = answer === Pending && at === 'beginning';
        return answer;
      },
      pollCancelWait: (waker) => {
        const answer = wait.pollCancelWait(waker);
        forgotten = answer === false && at === 'cancel';
        return answer;
      },
    };
  });
}

/** Disposing of a wait whose cancel is under way leaves it to the cancel to end it. */
const leavesToCancel = inWaits((wait) => {
  let cancelling = false;
  return {
    pollCancelWait: (waker) => {
      const answer = wait.pollCancelWait(waker);
      cancelling = answer === Pending;
      return answer;
    },
    [Symbol.dispose]: () => {
      if (cancelling) setImmediate(() => wait[Symbol.dispose]());
      else wait[Symbol.dispose]();
    },
  };
});

/** Waits that end in a wrong way, or not at all. */
export const waitEndMutants: readonly Mutant[] = [
  {
    name: 'wait-without-err',
    fault: 'A wait is woken by IN and HUP, and not by ERR.',
    base: 'epoll',
    convictedBy: ['wait.read-error'],
    break: asksFor((events) => events & ~PollEvents.ERR),
  },
  {
    name: 'wait-without-hup',
    fault: 'A wait is woken by IN and ERR, and not by HUP.',
    base: 'epoll',
    convictedBy: ['wait.short-read'],
    break: asksFor((events) => events & ~PollEvents.HUP),
  },
  {
    name: 'wait-wakes-one',
    fault: 'Of the waits of one descriptor, an event wakes one, however many signals it brought.',
    base: 'epoll',
    convictedBy: ['wait.semaphore'],
    break: wakesOne,
  },
  {
    name: 'wait-fails-for-ever',
    fault: 'A read that failed fails every wait of the object.',
    base: 'epoll',
    convictedBy: ['wait.read-error'],
    break: failsForEver,
  },
  {
    name: 'wait-forgets-value',
    fault: 'A wait that begins takes the value of the one before.',
    base: 'epoll',
    convictedBy: ['wait.consumes-one'],
    break: forgetsValue('beginning'),
  },
  {
    name: 'wait-cancel-forgets-value',
    fault: 'A cancel that is false takes the value of the wait before.',
    base: 'epoll',
    convictedBy: ['wait.cancel-unsignalled'],
    break: forgetsValue('cancel'),
  },
  {
    name: 'wait-cancels-what-is-over',
    fault: 'A cancel behind a wait that is over is pending at first.',
    base: 'epoll',
    convictedBy: ['wait.second-cancel'],
    break: cancelsOver('answer'),
  },
  {
    name: 'wait-cancels-what-has-failed',
    fault: 'A cancel behind a wait whose read has failed is pending at first.',
    base: 'epoll',
    convictedBy: ['wait.second-cancel'],
    break: cancelsOver('error'),
  },
  {
    name: 'wait-dispose-leaves-cancel',
    fault: 'A wait that is disposed of while its cancel is under way tells of the end of the cancel.',
    base: 'uring',
    convictedBy: ['wait.dispose-pending'],
    break: leavesToCancel,
  },
];
