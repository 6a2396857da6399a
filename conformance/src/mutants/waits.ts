import { Pending, type Poll, type PollWait, type RawFd, type Waker } from '@polyring/core';
import { setNonblocking, tryRead, write } from '@polyring/sys';
import type { Change } from '../seams/change.js';
import { everyNth } from '../seams/counter.js';
import { EveryWaker } from '../seams/every-waker.js';
import { overlay } from '../seams/overlay.js';
import { inDrivers, inWaits } from '../seams/parts.js';
import type { Mutant } from './mutant.js';

const COUNTER_BYTES = 8;

/** A fault of how a wait is over: gets what the wait would answer. */
function answers(change: (answer: Poll<undefined>, wait: PollWait, fd: RawFd) => Poll<undefined>): Change {
  return inWaits((wait, fd) => ({ pollWait: (waker) => change(wait.pollWait(waker), wait, fd) }));
}

/** A fault of making waits. */
function making(
  make: (fd: RawFd, readSize: number, newDynWait: (fd: RawFd, readSize: number) => PollWait) => PollWait,
): Change {
  return inDrivers((driver) => ({
    newDynWait: (fd, readSize) => make(fd, readSize, (...args) => driver.newDynWait(...args)),
  }));
}

/** A fault of errors: a wait whose read failed with this code is over as if it had succeeded. */
function swallows(isSwallowed: (code: string) => boolean): Change {
  return inWaits((wait) => ({
    pollWait: (waker) => {
      try {
        return wait.pollWait(waker);
      } catch (error) {
        if (isSwallowed(String((error as NodeJS.ErrnoException).code))) return undefined;
        throw error;
      }
    },
  }));
}

const toldTwice = inWaits((wait) => {
  let over = false;
  return {
    pollWait: (waker) => {
      const answer = wait.pollWait(waker);
      if (answer !== Pending || !over) {
        over = answer !== Pending;
        return answer;
      }
      over = false;
      return undefined;
    },
  };
});

/** A wait of a driver that lets one signal end every wait on its descriptor. */
interface Sharer {
  waker: Waker | undefined;
  shared: bigint | undefined;
}

const sharesSignals = inDrivers((driver) => {
  const sharers = new Map<RawFd, Set<Sharer>>();
  const share = (fd: RawFd, by: Sharer, value: bigint): void => {
    for (const each of sharers.get(fd) ?? []) {
      if (each === by || each.waker === undefined) continue;
      each.shared = value;
      queueMicrotask(each.waker);
    }
  };
  return {
    newDynWait: (fd, readSize) => {
      const wait = driver.newDynWait(fd, readSize);
      const self: Sharer = { waker: undefined, shared: undefined };
      sharers.set(fd, (sharers.get(fd) ?? new Set()).add(self));
      let value = 0n;
      return overlay(wait, {
        get value() {
          return value;
        },
        pollWait: (waker) => {
          const answer = self.shared === undefined ? wait.pollWait(waker) : undefined;
          self.waker = answer === Pending ? waker : undefined;
          if (answer === Pending) return Pending;
          value = self.shared ?? wait.value;
          if (self.shared === undefined) share(fd, self, value);
          self.shared = undefined;
          return undefined;
        },
      });
    },
  };
});

/** Reads in the drain, and not in the poll. */
class DrainReader {
  readonly #wait: PollWait;
  #waker: Waker | undefined;
  #read = false;

  constructor(wait: PollWait) {
    this.#wait = wait;
  }

  poll(waker: Waker): Poll<undefined> {
    const answer = this.#read ? undefined : this.#wait.pollWait(this.#onSignal);
    this.#read = false;
    this.#waker = answer === Pending ? waker : undefined;
    return answer;
  }

  forget(): void {
    this.#read = false;
    this.#waker = undefined;
  }

  readonly #onSignal = (): void => {
    if (this.#wait.pollWait(this.#onSignal) === Pending) return;
    this.#read = true;
    const waker = this.#waker;
    this.#waker = undefined;
    waker?.();
  };
}

const cancelForgetsSignal = inWaits((wait) => {
  const reader = new DrainReader(wait);
  return {
    pollWait: (waker) => reader.poll(waker),
    pollCancelWait: (waker) => {
      reader.forget();
      return wait.pollCancelWait(waker);
    },
  };
});

const disposeReads = inWaits((wait) => {
  const reader = new DrainReader(wait);
  return {
    pollWait: (waker) => reader.poll(waker),
    [Symbol.dispose]: () => reader.forget(),
  };
});

const cancelWithoutWait = inWaits((wait) => {
  let waiting = false;
  return {
    pollWait: (waker) => {
      const answer = wait.pollWait(waker);
      waiting = answer === Pending;
      return answer;
    },
    pollCancelWait: (waker) => {
      if (!waiting) return Pending;
      const answer = wait.pollCancelWait(waker);
      waiting = answer === Pending;
      return answer;
    },
  };
});

const throughNumber = inWaits((wait) => ({
  get value() {
    return BigInt(Number(wait.value));
  },
}));

/** Waits use the same memory one after the other, and a value of 6 bytes is taken from 7 of it. */
const seventhByte = inDrivers((driver) => {
  let memory = 0n;
  return {
    newDynWait: (fd, readSize) => {
      const wait = driver.newDynWait(fd, readSize);
      const bits = BigInt(8 * readSize);
      return overlay(wait, {
        get value() {
          return readSize === 6 ? BigInt.asUintN(56, memory) : wait.value;
        },
        pollWait: (waker) => {
          const answer = wait.pollWait(waker);
          if (answer !== Pending) memory = ((memory >> bits) << bits) | wait.value;
          return answer;
        },
      });
    },
  };
});

/** Rounds a size up to a power of two, and takes a shorter read for a whole one. */
const roundsSizes: Change = (base) =>
  swallows((code) => code === 'ERR_POLYRING_SHORT_READ')(
    making((fd, readSize, newDynWait) => newDynWait(fd, 2 ** Math.ceil(Math.log2(readSize))))(base),
  );

/** A fault of the value that short reads and the end of the stream leave. */
function shortReads(left: (before: bigint, read: bigint) => bigint): Change {
  return inWaits((wait) => {
    let value = 0n;
    return {
      get value() {
        return value;
      },
      pollWait: (waker) => {
        try {
          const answer = wait.pollWait(waker);
          if (answer !== Pending) value = wait.value;
          return answer;
        } catch (error) {
          value = left(value, wait.value);
          throw error;
        }
      },
      pollCancelWait: (waker) => {
        const answer = wait.pollCancelWait(waker);
        if (answer === true) value = wait.value;
        return answer;
      },
    };
  });
}

const wakesReplaced = inWaits((wait) => {
  const wakers = new EveryWaker();
  return { pollWait: (waker) => wait.pollWait(wakers.add(waker)) };
});

const losesWakes = inWaits((wait) => {
  const isLost = everyNth(50);
  return {
    pollWait: (waker) =>
      wait.pollWait(() => {
        if (!isLost()) waker();
      }),
  };
});

/** Broken waits. */
export const waitMutants: readonly Mutant[] = [
  {
    name: 'wait-answers-true',
    fault: 'A wait that is over answers with true.',
    base: 'epoll',
    convictedBy: ['wait.consumes-one'],
    break: answers((answer) => (answer === Pending ? answer : (true as never))),
  },
  {
    name: 'wait-gives-back',
    fault: 'A wait puts the signal back that it read.',
    base: 'epoll',
    convictedBy: ['wait.consumes-one'],
    break: answers((answer, { value }, fd) => {
      if (answer !== Pending) write(fd, BigUint64Array.of(value));
      return answer;
    }),
  },
  {
    name: 'wait-told-twice',
    fault: 'One signal ends two waits of the same object.',
    base: 'epoll',
    convictedBy: ['wait.consumes-one', 'model.random-programs'],
    break: toldTwice,
  },
  {
    name: 'wait-shares-signals',
    fault: 'One signal ends the waits of every object on its descriptor.',
    base: 'epoll',
    convictedBy: ['wait.one-waiter-each'],
    break: sharesSignals,
  },
  {
    name: 'wait-reads-on',
    fault: 'A wait reads on until there is nothing left.',
    base: 'epoll',
    convictedBy: ['wait.semaphore'],
    break: answers((answer, _wait, fd) => {
      const buffer = Buffer.alloc(COUNTER_BYTES);
      while (answer !== Pending && tryRead(fd, buffer) > 0);
      return answer;
    }),
  },
  {
    name: 'wait-cancel-is-true',
    fault: 'A cancel that ended a wait is true.',
    base: 'epoll',
    convictedBy: ['wait.cancel-unsignalled'],
    break: inWaits((wait) => ({
      pollCancelWait: (waker) => (wait.pollCancelWait(waker) === Pending ? Pending : true),
    })),
  },
  {
    name: 'wait-cancel-leaves-read',
    fault: 'A cancel is false at once and leaves the read in the kernel.',
    base: 'uring',
    convictedBy: ['wait.cancel-unsignalled'],
    break: inWaits(() => ({ pollCancelWait: () => false })),
  },
  {
    name: 'wait-cancel-forgets-signal',
    fault: 'The drain reads, and a cancel after it is false.',
    base: 'epoll',
    convictedBy: ['wait.cancel-tells', 'wait.cancel-after-wake'],
    break: cancelForgetsSignal,
  },
  {
    name: 'wait-cancel-is-denied',
    fault: 'A cancel is false, whatever the read of the kernel gave.',
    base: 'uring',
    convictedBy: ['wait.cancel-tells', 'wait.cancel-after-wake'],
    break: inWaits((wait) => ({
      pollCancelWait: (waker) => (wait.pollCancelWait(waker) === Pending ? Pending : false),
    })),
  },
  {
    name: 'wait-cancel-without-wait',
    fault: 'A cancel where no wait is under way is pending.',
    base: 'epoll',
    convictedBy: ['wait.second-cancel'],
    break: cancelWithoutWait,
  },
  {
    name: 'wait-reads-eight',
    fault: 'Every wait reads up to 8 bytes, whatever size it was made for.',
    base: 'epoll',
    convictedBy: ['wait.sizes'],
    break: (base) =>
      swallows((code) => code === 'ERR_POLYRING_SHORT_READ')(
        making((fd, _readSize, newDynWait) => newDynWait(fd, COUNTER_BYTES))(base),
      ),
  },
  {
    name: 'wait-rounds-size',
    fault: 'A size is rounded up to a power of two.',
    base: 'epoll',
    convictedBy: ['wait.sizes'],
    break: roundsSizes,
  },
  {
    name: 'wait-value-through-number',
    fault: 'The value of a wait has been a number, of 53 bits.',
    base: 'epoll',
    convictedBy: ['wait.sizes'],
    break: throughNumber,
  },
  {
    name: 'wait-seventh-byte',
    fault: 'The value of 6 bytes has a seventh, of an earlier wait.',
    base: 'epoll',
    convictedBy: ['wait.sizes'],
    break: seventhByte,
  },
  {
    name: 'wait-keeps-high-bytes',
    fault: 'A short read leaves the bytes of an earlier value that it did not reach.',
    base: 'epoll',
    convictedBy: ['wait.short-read'],
    break: shortReads((before, read) => (read === 0n ? read : ((before >> 16n) << 16n) | read)),
  },
  {
    name: 'wait-keeps-value-at-end',
    fault: 'The end of the stream leaves the value of an earlier wait.',
    base: 'epoll',
    convictedBy: ['wait.short-read'],
    break: shortReads((before, read) => (read === 0n ? before : read)),
  },
  {
    name: 'wait-clamps-size',
    fault: 'A size out of range is brought into it.',
    base: 'epoll',
    convictedBy: ['wait.size-range'],
    break: making((fd, readSize, newDynWait) => newDynWait(fd, Math.min(Math.max(readSize, 1), COUNTER_BYTES))),
  },
  {
    name: 'wait-coerces-size',
    fault: 'A size that is no number is turned into one.',
    base: 'epoll',
    convictedBy: ['wait.size-range'],
    break: making((fd, readSize, newDynWait) => newDynWait(fd, Number(readSize))),
  },
  {
    name: 'wait-unblocks',
    fault: 'A blocking descriptor is made non-blocking.',
    base: 'epoll',
    convictedBy: ['wait.blocking-descriptor'],
    break: making((fd, readSize, newDynWait) => {
      setNonblocking(fd, true);
      return newDynWait(fd, readSize);
    }),
  },
  {
    name: 'wait-swallows-errors',
    fault: 'A read that failed ends the wait as if it had succeeded.',
    base: 'epoll',
    convictedBy: ['wait.read-error'],
    break: swallows((code) => code === 'EINVAL'),
  },
  {
    name: 'wait-takes-short-reads',
    fault: 'A read of fewer bytes ends the wait as if it had read all.',
    base: 'epoll',
    convictedBy: ['wait.short-read'],
    break: swallows((code) => code === 'ERR_POLYRING_SHORT_READ'),
  },
  {
    name: 'wait-wakes-replaced',
    fault: 'The wakers that were replaced are called along with the latest.',
    base: 'epoll',
    convictedBy: ['wait.latest-waker'],
    break: wakesReplaced,
  },
  {
    name: 'wait-dispose-reads',
    fault: 'A wait that was disposed of reads once more.',
    base: 'epoll',
    convictedBy: ['wait.dispose-pending'],
    break: disposeReads,
  },
  {
    name: 'wait-loses-wakes',
    fault: 'Every 50th wake of a wait is lost.',
    base: 'epoll',
    convictedBy: ['wait.four-workers'],
    break: losesWakes,
  },
];
