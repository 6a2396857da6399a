import {
  type DriverCapabilities,
  Entry,
  Errno,
  IORING_OP_ASYNC_CANCEL,
  IORING_OP_POLL_REMOVE,
  nop,
  outOfRange,
  systemError,
} from '@polyring/core';
import { createDriverOver } from '../../../packages/backend-uring/dist/driver.js';
import { CompletionQueue } from '../../../packages/backend-uring/dist/engine/completion-queue.js';
import type { Operation } from '../../../packages/backend-uring/dist/engine/operation.js';
import { Ring } from '../../../packages/backend-uring/dist/engine/ring.js';
import {
  IO_URING_OP_SUPPORTED,
  IORING_REGISTER_PROBE,
  PROBE_HEAD_SIZE,
  PROBE_OPCODE_SIZE,
  PROBE_OPCODES,
} from '../../../packages/backend-uring/dist/kernel/abi.js';
import { type Binding, loadBinding } from '../../../packages/backend-uring/dist/kernel/binding.js';
import type { Change } from '../seams/change.js';
import { inside, replaceGetter, replaceMethod } from '../seams/internals.js';
import { overlay } from '../seams/overlay.js';
import { inDrivers } from '../seams/parts.js';
import { inSubmissions } from '../seams/ring.js';
import type { Mutant } from './mutant.js';

const COMPLETIONS_AT_A_TIME = 4;
const SLOTS = 65_536;

/** The addon over a kernel that claims to support every opcode. */
function boastfulBinding(): Binding {
  const { Ring: NativeRing, addressOf } = loadBinding();
  class BoastfulRing extends NativeRing {
    override register(opcode: number, argument: NodeJS.TypedArray | null, count: number): number {
      const result = super.register(opcode, argument, count);
      if (opcode !== IORING_REGISTER_PROBE || argument === null) return result;
      for (let each = 0; each < PROBE_OPCODES; each += 1) {
        argument[PROBE_HEAD_SIZE + each * PROBE_OPCODE_SIZE + 2] = IO_URING_OP_SUPPORTED;
      }
      return result;
    }
  }
  return { Ring: BoastfulRing, addressOf };
}

const boastful: Change = (base) => overlay(base, { create: (options) => createDriverOver(boastfulBinding(), options) });

/** Drops operations of a kind that find the SQ full. */
function dropsWhenFull(isDropped: (operation: Operation) => boolean): Change {
  return inside(() => {
    let wasFull = false;
    replaceGetter(Ring.prototype, 'room', (room) => {
      wasFull ||= room === 0;
      return room;
    });
    replaceMethod(Ring.prototype, 'push', (push) => {
      return function (this: Ring, operation) {
        const dropped = wasFull && isDropped(operation);
        wasFull = false;
        if (!dropped) push.call(this, operation);
      };
    });
  });
}

function takesFour(): void {
  replaceMethod(CompletionQueue.prototype, 'reap', (reap) => {
    return function (this: CompletionQueue, handle, most) {
      let count = 0;
      return reap.call(
        this,
        (...completion) => {
          count += 1;
          return count > COMPLETIONS_AT_A_TIME || handle(...completion);
        },
        most,
      );
    };
  });
}

function takesBeforeSleep(): void {
  replaceMethod(CompletionQueue.prototype, 'reap', (reap) => {
    return function (this: CompletionQueue, handle, most) {
      return process.getActiveResourcesInfo().includes('Immediate') ? 0 : reap.call(this, handle, most);
    };
  });
}

/** Looks for an entry among those in flight of its own driver alone. */
const entriesOfEach = inDrivers((driver) => {
  const inFlight = new WeakSet<Entry>();
  return {
    ioUringSubmit: (entry, options) => {
      if (!(entry instanceof Entry) || inFlight.has(entry)) return driver.ioUringSubmit(entry, options);
      entry.owner = undefined;
      inFlight.add(entry);
      const submission = driver.ioUringSubmit(entry, options);
      const end = (): void => void inFlight.delete(entry);
      submission.then(end, end);
      return submission;
    },
  };
});

const leaksSlots = inDrivers((driver) => {
  let used = 0;
  return {
    ioUringSubmit: (entry, options) => {
      used += 1;
      if (used > SLOTS) return Promise.reject(systemError(Errno.EBUSY, 'io_uring_enter'));
      return driver.ioUringSubmit(entry, options);
    },
  };
});

/** Drivers that lose what is submitted, or what completes. */
export const ringSubmissionMutants: readonly Mutant[] = [
  {
    name: 'ring-probe-without-ring',
    fault: 'A driver that has no ring probes true for every opcode.',
    base: 'epoll',
    convictedBy: ['ring.unsupported'],
    break: inDrivers(() => ({ ioUringProbe: () => true })),
  },
  {
    name: 'ring-supports-nothing',
    fault: 'A driver without a ring leaves out of `supports` that it has none.',
    base: 'epoll',
    convictedBy: ['ring.supports'],
    break: inDrivers(() => ({ supports: {} as DriverCapabilities })),
  },
  {
    name: 'ring-without-supports',
    fault: 'A driver without a ring has no `supports`.',
    base: 'epoll',
    convictedBy: ['ring.supports'],
    break: inDrivers(() => ({ supports: undefined as never })),
  },
  {
    name: 'ring-probe-always-true',
    fault: 'Every opcode is taken for supported.',
    base: 'uring',
    convictedBy: ['ring.probe', 'ring.unknown-opcode'],
    break: boastful,
  },
  {
    name: 'ring-throws',
    fault: 'What is no entry is refused by a throw.',
    base: 'uring',
    convictedBy: ['ring.no-synchronous-throw'],
    break: inSubmissions((submit, entry, options) => {
      if (typeof entry !== 'object') throw new RangeError('not an entry');
      return submit(entry, options);
    }),
  },
  {
    name: 'ring-throws-for-signals',
    fault: 'What is no signal is refused by a throw.',
    base: 'uring',
    convictedBy: ['ring.no-synchronous-throw'],
    break: inSubmissions((submit, entry, options) => {
      const signal: unknown = options?.signal;
      if (signal !== undefined && !(signal instanceof AbortSignal)) throw new RangeError('not a signal');
      return submit(entry, options);
    }),
  },
  {
    name: 'ring-throws-for-lists',
    fault: 'What is no list of entries is refused by a throw.',
    base: 'uring',
    convictedBy: ['ring.no-synchronous-throw'],
    break: inDrivers((driver) => ({
      submitMany: (entries, options) => {
        if (!Array.isArray(entries)) throw new RangeError('not a list of entries');
        return driver.submitMany(entries, options);
      },
    })),
  },
  {
    name: 'ring-throws-for-sizes',
    fault: 'Memory of no bytes is refused by a throw where it is waited for.',
    base: 'uring',
    convictedBy: ['ring.no-synchronous-throw'],
    break: inDrivers((driver) => ({
      allocateAsync: (byteLength, options) => {
        if (byteLength < 1) throw outOfRange('byteLength', 'at least 1', byteLength);
        return driver.allocateAsync(byteLength, options);
      },
    })),
  },
  {
    name: 'ring-unreferenced-stops',
    fault: 'An unreferenced driver tells of no submission.',
    base: 'uring',
    convictedBy: ['lifecycle.unreferenced-wakes'],
    break: inDrivers((driver) => ({
      ioUringSubmit: async (entry, options) => {
        const result = await driver.ioUringSubmit(entry, options);
        return driver.hasRef() || driver.closed ? result : new Promise<never>(() => {});
      },
    })),
  },
  {
    name: 'ring-takes-four',
    fault: 'Of the completions of a batch, those beyond the fourth are lost.',
    base: 'uring',
    convictedBy: ['ring.nop'],
    break: inside(takesFour),
  },
  {
    name: 'ring-drops-when-full',
    fault: 'An operation that finds the submission queue full is dropped.',
    base: 'uring',
    convictedBy: ['ring.submission-queue-full', 'ring.timeouts-expire'],
    break: dropsWhenFull(() => true),
  },
  {
    name: 'ring-drops-cancel-when-full',
    fault: 'A cancel that finds the submission queue full is dropped.',
    base: 'uring',
    convictedBy: ['ring.timeouts-cancelled'],
    break: dropsWhenFull(({ entry }) => entry.opcode === IORING_OP_ASYNC_CANCEL),
  },
  {
    name: 'ring-never-flushes-overflow',
    fault: 'Completions that found the completion queue full are never asked for.',
    base: 'uring',
    convictedBy: ['ring.completion-queue-full', 'ring.completion-overflow'],
    break: inside(() => replaceGetter(Ring.prototype, 'overflowed', () => false)),
  },
  {
    name: 'ring-takes-before-sleep',
    fault: 'Completions are taken only when the loop is about to sleep.',
    base: 'uring',
    convictedBy: ['ring.without-sleep'],
    break: inside(takesBeforeSleep),
  },
  {
    name: 'ring-user-data-in-silence',
    fault: 'What would change the user_data of a poll is dropped in silence.',
    base: 'uring',
    convictedBy: ['ring.user-data'],
    break: inSubmissions((submit, entry, options) =>
      submit(entry?.opcode === IORING_OP_POLL_REMOVE ? nop() : entry, options),
    ),
  },
  {
    name: 'ring-entry-twice',
    fault: 'An entry in flight is submitted a second time.',
    base: 'uring',
    convictedBy: ['ring.entry-in-flight'],
    break: inSubmissions((submit, entry, options) => {
      const submission = submit(entry, options);
      entry.owner = undefined;
      return submission;
    }),
  },
  {
    name: 'ring-entries-of-each-driver',
    fault: 'An entry that is in flight on one driver is submitted to another.',
    base: 'uring',
    convictedBy: ['ring.entry-in-flight'],
    break: entriesOfEach,
  },
  {
    name: 'ring-entry-once-failed',
    fault: 'An entry that failed stays in flight.',
    base: 'uring',
    convictedBy: ['ring.entry-in-flight'],
    break: inSubmissions(async (submit, entry, options) => {
      try {
        return await submit(entry, options);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).errno !== undefined) entry.owner = submit;
        throw error;
      }
    }),
  },
  {
    name: 'ring-entry-once-aborted',
    fault: 'An entry that was aborted stays in flight.',
    base: 'uring',
    convictedBy: ['ring.entry-in-flight'],
    break: inSubmissions(async (submit, entry, options) => {
      try {
        return await submit(entry, options);
      } finally {
        if (options?.signal?.aborted) entry.owner = submit;
      }
    }),
  },
  {
    name: 'ring-entry-once',
    fault: 'An entry stays in flight when it has completed.',
    base: 'uring',
    convictedBy: ['ring.entry-in-flight'],
    break: inSubmissions(async (submit, entry, options) => {
      const result = await submit(entry, options);
      entry.owner = submit;
      return result;
    }),
  },
  {
    name: 'ring-leaks-slots',
    fault: 'No operation gives its slot back, of which there are 65,536.',
    base: 'uring',
    convictedBy: ['ring.many-operations'],
    break: leaksSlots,
  },
];
