import { AsyncLocalStorage } from 'node:async_hooks';
import { Socket } from 'node:net';
import { type InterestSlot, now, Pending, type Waker, WakerCell } from '@polyring/core';
import { close, pipe2, poll, write } from '@polyring/sys';
import { EpollSet } from '../../../packages/backend-epoll/dist/epoll-set.js';
import { inIterations } from '../seams/completions.js';
import { inside, replaceMethod } from '../seams/internals.js';
import { inDrivers, inReadiness, inTimers, inWaits, inWakers, wakersThrough } from '../seams/parts.js';
import type { Mutant } from './mutant.js';

/**
 * Calls wakers where no callback scope is closed after them, so that what they leave to promises and ticks comes with
 * the next event. From JavaScript that takes an exception, which nobody sees, out of a callback of Node's own handles.
 */
const outsideScope = inDrivers((driver) => {
  const [reader, writer] = pipe2();
  const called: Waker[] = [];
  const relay = new Socket({ fd: reader, readable: true, writable: false }).unref();
  relay.on('data', ({ length }: Buffer) => {
    for (const waker of called.splice(0, length)) waker();
    process.setUncaughtExceptionCaptureCallback(() => process.setUncaughtExceptionCaptureCallback(null));
    throw new Error('only to leave the scope');
  });
  const later = (waker: Waker): Waker => {
    return () => {
      called.push(waker);
      write(writer, Buffer.alloc(1));
    };
  };
  return {
    ...wakersThrough(driver, later),
    close: async () => {
      await driver.close();
      relay.destroy();
      close(writer);
    },
  };
});

/** Calls a waker when the batch is over, whatever became of its object. */
function afterBatch(waker: Waker): Waker {
  return () => queueMicrotask(waker);
}

const collectsTimers = inTimers((timer) => ({
  pollTimer: (waker, deadline) => timer.pollTimer(afterBatch(waker), deadline),
}));

const collectsWaits = inWaits((wait) => ({ pollWait: (waker) => wait.pollWait(afterBatch(waker)) }));

/** Wakes what waits when its waker's turn has come, but by the waker that it had when the batch began. */
const keepsReplaced = inReadiness(() => (readiness) => {
  let disposed = false;
  return {
    poll: (waker, slot, events) =>
      readiness.poll(
        () =>
          queueMicrotask(() => {
            if (!disposed) waker();
          }),
        slot,
        events,
      ),
    [Symbol.dispose]: () => {
      disposed = true;
      readiness[Symbol.dispose]();
    },
  };
});

const silencesBatch = inWakers(() => {
  let silent = false;
  return (waker) => () => {
    if (silent) return;
    try {
      waker();
    } catch (error) {
      silent = true;
      setImmediate(() => {
        silent = false;
      });
      throw error;
    }
  };
});

const swallowsErrors = inWakers(() => (waker) => () => {
  try {
    waker();
  } catch {
    // The fault.
  }
});

/** A close whose waker throws wakes nobody else. */
const closesUpToThrow = inWakers((driver) => {
  let thrown = false;
  return (waker) => () => {
    if (thrown) return;
    try {
      waker();
    } catch (error) {
      thrown = driver.closed;
      throw error;
    }
  };
});

const swallowsFalsy = inWakers(() => (waker) => () => {
  try {
    waker();
  } catch (error) {
    if (error) throw error;
  }
});

/** A promise whose reactions run in the context of the driver's drain, as those of a hand-made one would. */
class DrainPromise<T> extends Promise<T> {
  static readonly #drain = AsyncLocalStorage.snapshot();

  // biome-ignore lint/suspicious/noThenProperty: it is the fault.
  override then<R = T, E = never>(
    fulfilled?: ((value: T) => R | PromiseLike<R>) | null,
    rejected?: ((reason: unknown) => E | PromiseLike<E>) | null,
  ): Promise<R | E> {
    const inDrain = <A, B>(reaction: ((argument: A) => B) | null | undefined) =>
      reaction == null ? reaction : (argument: A): B => DrainPromise.#drain(reaction, argument);
    return super.then(inDrain(fulfilled), inDrain(rejected));
  }
}

/** A promise with the same end, whose reactions run in the context of the drain. */
function inDrain<T>(promise: Promise<T>): Promise<T> {
  return new DrainPromise((resolve, reject) => promise.then(resolve, reject));
}

/** Has the set drained whenever something is registered, from within the call. */
function drainsInCalls(): void {
  replaceMethod(EpollSet.prototype, 'join', (join) => {
    return function (this: EpollSet, fd, member) {
      this.drain();
      return join.call(this, fd, member);
    };
  });
}

/** Calls the waker of a descriptor that is ready already from within the first poll. */
const wakesInPolls = inReadiness(() => (readiness, fd) => {
  let polled = false;
  return {
    poll: (waker, slot, events) => {
      const isReady = !polled && poll(Int32Array.of(fd, events, 0)) > 0;
      polled = true;
      const answer = readiness.poll(waker, slot, events);
      if (answer === Pending && isReady) waker();
      return answer;
    },
  };
});

const wakesInPollsThatThrow = inReadiness(() => (readiness) => {
  const waiting = new Map<InterestSlot, Waker>();
  return {
    poll: (waker, slot, events) => {
      waiting.delete(slot);
      try {
        const answer = readiness.poll(waker, slot, events);
        if (answer === Pending) waiting.set(slot, waker);
        return answer;
      } catch (error) {
        for (const other of waiting.values()) other();
        throw error;
      }
    },
  };
});

const wakesInUnref = inTimers((timer) => {
  let waiting: Waker | undefined;
  return {
    pollTimer: (waker, deadline) => {
      const answer = timer.pollTimer(waker, deadline);
      waiting = answer === Pending ? waker : undefined;
      return answer;
    },
    unref: () => {
      waiting?.();
      return timer.unref();
    },
  };
});

const wakesInCancels = inWaits((wait) => {
  let waiting: Waker | undefined;
  return {
    pollWait: (waker) => {
      const answer = wait.pollWait(waker);
      waiting = answer === Pending ? waker : undefined;
      return answer;
    },
    pollCancelWait: (waker) => {
      waiting?.();
      waiting = undefined;
      return wait.pollCancelWait(waker);
    },
  };
});

/** Wakers in the wrong place. */
export const scopeMutants: readonly Mutant[] = [
  {
    name: 'scope-none',
    fault: 'Wakers are called outside of a callback scope, so that promises come with the next event.',
    base: 'epoll',
    convictedBy: ['scope.continuations-first'],
    break: outsideScope,
  },
  {
    name: 'scope-throw-silences',
    fault: 'A waker that throws takes the rest of its batch with it.',
    base: 'epoll',
    convictedBy: ['scope.throwing-waker'],
    break: silencesBatch,
  },
  {
    name: 'scope-collects-timers',
    fault: 'The wakers of timers that are due are collected before the first of them is called.',
    base: 'epoll',
    convictedBy: ['scope.dispose-in-waker', 'scope.poll-in-waker'],
    break: collectsTimers,
  },
  {
    name: 'scope-collects-waits',
    fault: 'The wakers of waits that were signalled are collected before the first of them is called.',
    base: 'epoll',
    convictedBy: ['scope.dispose-in-waker', 'scope.poll-in-waker'],
    break: collectsWaits,
  },
  {
    name: 'scope-keeps-replaced',
    fault:
      'Of a batch, the wakers of registrations are called that these had when it began, unless they are disposed of.',
    base: 'epoll',
    convictedBy: ['scope.poll-in-waker'],
    break: keepsReplaced,
  },
  {
    name: 'scope-swallows-errors',
    fault: 'What a waker throws is swallowed.',
    base: 'epoll',
    convictedBy: ['scope.throwing-waker', 'lifecycle.uncaught-in-waker', 'lifecycle.worker-throws'],
    break: swallowsErrors,
  },
  {
    name: 'scope-closes-up-to-throw',
    fault: 'A close of which a waker throws wakes nobody else.',
    base: 'epoll',
    convictedBy: ['scope.throwing-waker'],
    break: closesUpToThrow,
  },
  {
    name: 'scope-swallows-falsy',
    fault: 'What a waker throws is swallowed if it is undefined, null, zero or empty.',
    base: 'epoll',
    convictedBy: ['scope.throwing-waker'],
    break: swallowsFalsy,
  },
  {
    name: 'scope-drains-in-calls',
    fault: 'Registering drains the set, and so calls wakers from within the call.',
    base: 'epoll',
    convictedBy: ['scope.no-wake-inside-call', 'scope.inside-waker'],
    break: inside(drainsInCalls),
  },
  {
    name: 'scope-wakes-in-polls',
    fault: 'The first poll of a descriptor that is ready already calls the waker before it answers.',
    base: 'epoll',
    convictedBy: ['scope.no-wake-inside-call'],
    break: wakesInPolls,
  },
  {
    name: 'scope-wakes-in-polls-that-throw',
    fault: 'A poll that throws, as that of a descriptor that was closed, first calls the waker of the other slot.',
    base: 'epoll',
    convictedBy: ['scope.no-wake-inside-call'],
    break: wakesInPollsThatThrow,
  },
  {
    name: 'scope-tells-wakers',
    fault: 'Wakers are called with an argument.',
    base: 'epoll',
    convictedBy: ['timer.latest-waker', 'readiness.wakes', 'socket.wakes', 'wait.latest-waker'],
    break: inWakers(() => (waker: (status: number) => void) => () => waker(0)),
  },
  {
    name: 'scope-wakes-in-unref',
    fault: 'Unreferencing a timer that is pending calls its waker before it returns.',
    base: 'epoll',
    convictedBy: ['scope.no-wake-inside-call'],
    break: wakesInUnref,
  },
  {
    name: 'scope-wakes-in-cancels',
    fault: 'Cancelling a wait calls its waker before the answer.',
    base: 'epoll',
    convictedBy: ['scope.no-wake-inside-call'],
    break: wakesInCancels,
  },
  {
    name: 'scope-loses-context',
    fault: 'Reactions of promises run in the context of the drain.',
    base: 'epoll',
    convictedBy: ['scope.async-context'],
    break: inDrivers((driver) => ({ close: () => inDrain(driver.close()) })),
  },
  {
    name: 'scope-loses-context-of-several',
    fault: 'Reactions of a promise of several operations run in the context of the drain.',
    base: 'uring',
    convictedBy: ['scope.async-context'],
    break: inDrivers((driver) => ({ submitMany: (entries, options) => inDrain(driver.submitMany(entries, options)) })),
  },
  {
    name: 'scope-loses-context-of-linked',
    fault: 'Reactions of a promise of linked operations run in the context of the drain.',
    base: 'uring',
    convictedBy: ['scope.async-context'],
    break: inDrivers((driver) => ({
      submitLinked: (entries, options) => inDrain(driver.submitLinked(entries, options)),
    })),
  },
  {
    name: 'scope-loses-context-of-iterations',
    fault: 'Reactions of a promise of the next completion run in the context of the drain.',
    base: 'uring',
    convictedBy: ['scope.async-context'],
    break: inIterations((iteration) => ({ next: () => inDrain(iteration.next()) })),
  },
  {
    name: 'scope-loses-context-of-memory',
    fault: 'Reactions of a promise of memory run in the context of the drain.',
    base: 'epoll',
    convictedBy: ['scope.async-context'],
    break: inDrivers((driver) => ({
      allocateAsync: (byteLength, options) => inDrain(driver.allocateAsync(byteLength, options)),
    })),
  },
  {
    name: 'scope-wakes-in-microtasks',
    fault: 'Moving the deadline of a timer to the past has its waker called in a microtask of the caller.',
    base: 'epoll',
    convictedBy: ['scope.no-wake-inside-call'],
    break: inTimers((timer) => {
      const waiting = new WakerCell();
      return {
        pollTimer: (waker, deadline) => {
          const answer = timer.pollTimer(() => waiting.wake(), deadline);
          if (answer === Pending) waiting.set(waker);
          else waiting.clear();
          return answer;
        },
        setDeadline: (deadline) => {
          timer.setDeadline(deadline);
          if (deadline <= now()) queueMicrotask(() => waiting.wake());
        },
        [Symbol.dispose]: () => {
          waiting.clear();
          timer[Symbol.dispose]();
        },
      };
    }),
  },
];
