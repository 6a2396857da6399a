import type { DriverMemory } from '@polyring/core';
import type { Block } from '../../../packages/backend-uring/dist/memory/block.js';
import { Pool } from '../../../packages/backend-uring/dist/memory/pool.js';
import { RingWait } from '../../../packages/backend-uring/dist/parts/wait.js';
import type { Change } from '../seams/change.js';
import { inside, replaceMethod } from '../seams/internals.js';
import { overlay } from '../seams/overlay.js';
import { inDrivers } from '../seams/parts.js';
import { inSubmissions } from '../seams/ring.js';
import type { Mutant } from './mutant.js';

const withoutLimit: Change = (base) =>
  overlay(base, { create: ({ poolLimit: _, ...options } = {}) => base.create(options) });

/** Bytes that a timer of its own cost, in the pool of the driver's user. */
const TIMER_BYTES = 60_000;

const timersTakeMemory = inDrivers((driver) => ({
  newDynTimer: () => {
    driver.allocate(TIMER_BYTES).release();
    return driver.newDynTimer();
  },
}));

const triesAtEachTurn = inDrivers((driver) => ({
  allocateAsync: async (byteLength, options): Promise<DriverMemory> => {
    for (;;) {
      try {
        return driver.allocate(byteLength, options);
      } catch (error) {
        const hasRoomSome = byteLength <= driver.ioUring.pool.limit;
        if ((error as NodeJS.ErrnoException).code !== 'ERR_POLYRING_POOL_EXHAUSTED' || !hasRoomSome) throw error;
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
  },
}));

const takesBack = inDrivers((driver) => ({
  allocateAsync: async (byteLength, options) => {
    const memory = await driver.allocateAsync(byteLength, options);
    options?.signal?.addEventListener('abort', () => memory.release());
    return memory;
  },
}));

/** Waits take memory when they are polled first. */
function waitsKeepMemory(): void {
  const kept = new WeakSet<Block>();
  let isWait = false;
  replaceMethod(RingWait.prototype, 'pollWait', (pollWait) => {
    return function (this: RingWait, waker) {
      isWait = true;
      try {
        return pollWait.call(this, waker);
      } finally {
        isWait = false;
      }
    };
  });
  replaceMethod(Pool.prototype, 'take', (take) => {
    return function (this: Pool, size) {
      const block = take.call(this, size);
      if (isWait) kept.add(block);
      return block;
    };
  });
  replaceMethod(Pool.prototype, 'give', (give) => {
    return function (this: Pool, block) {
      if (!kept.has(block)) give.call(this, block);
    };
  });
}

/** Drivers whose memory is not shared out as it should be. */
export const ringPoolMutants: readonly Mutant[] = [
  {
    name: 'ring-pool-without-limit',
    fault: 'The limit of the memory pool is ignored.',
    base: 'uring',
    convictedBy: ['ring.pool-exhausted'],
    break: withoutLimit,
  },
  {
    name: 'ring-pool-kept-by-waits',
    fault: 'Waits never give back the memory that the kernel reads into.',
    base: 'uring',
    convictedBy: ['lifecycle.leaves-no-memory'],
    break: inside(waitsKeepMemory),
  },
  {
    name: 'ring-pool-for-timers-too',
    fault: 'Timers take memory of the same pool as the user.',
    base: 'uring',
    convictedBy: ['ring.pool-exhausted'],
    break: timersTakeMemory,
  },
  {
    name: 'ring-pool-first-that-fits',
    fault: 'Who waits for memory tries again at each turn of the loop: the small ones overtake the large.',
    base: 'uring',
    convictedBy: ['ring.pool-order'],
    break: triesAtEachTurn,
  },
  {
    name: 'ring-pool-never-waits',
    fault: 'A submission that may wait for memory is refused all the same.',
    base: 'uring',
    convictedBy: ['ring.pool-submissions-wait'],
    break: inSubmissions((submit, entry, options) => submit(entry, { ...options, poolExhausted: 'reject' })),
  },
  {
    name: 'ring-pool-forgets-waiters',
    fault: 'Closing a driver leaves those who wait for memory waiting.',
    base: 'uring',
    convictedBy: ['ring.pool-waiters-end'],
    break: inside(() => replaceMethod(Pool.prototype, 'refuseAll', () => () => {})),
  },
  {
    name: 'ring-pool-takes-back',
    fault: 'A signal that is aborted later takes back what was lent.',
    base: 'uring',
    convictedBy: ['ring.pool-waiters-end'],
    break: takesBack,
  },
  {
    name: 'ring-pool-ignores-align',
    fault: 'What alignment is asked for is not looked at.',
    base: 'uring',
    convictedBy: ['ring.aligned-memory'],
    break: inDrivers((driver) => ({ allocate: (byteLength) => driver.allocate(byteLength) })),
  },
];
