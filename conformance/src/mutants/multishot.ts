import {
  type CompletionSink,
  type Entry,
  IORING_CQE_F_MORE,
  IORING_OP_POLL_ADD,
  IORING_OP_TIMEOUT,
  type Multishot,
  PolyringError,
} from '@polyring/core';
import { DescriptorCompletion } from '../../../packages/backend-uring/dist/multishot/completion.js';
import { Multishots } from '../../../packages/backend-uring/dist/multishot/multishots.js';
import { MultishotOperation } from '../../../packages/backend-uring/dist/multishot/operation.js';
import { MultishotIterator } from '../../../packages/core/dist/io-uring/multishot-iterator.js';
import type { Change } from '../seams/change.js';
import { inCompletions, inIterations, inResources, isSink } from '../seams/completions.js';
import { everyNth } from '../seams/counter.js';
import { inside, replaceMethod } from '../seams/internals.js';
import { overlay } from '../seams/overlay.js';
import { inDrivers } from '../seams/parts.js';
import { inOperations, inSqes } from '../seams/ring.js';
import type { Mutant } from './mutant.js';

function losesTenth(): Change {
  const isLost = everyNth(10);
  return inCompletions((result, flags, complete) => {
    const isLast = (flags & IORING_CQE_F_MORE) === 0;
    if (isLast || !isLost()) complete(result, flags);
  });
}

function pollsOnce(): Change {
  const told = new WeakSet<MultishotOperation>();
  return inCompletions((result, flags, complete, operation) => {
    const again = operation.entry.opcode === IORING_OP_POLL_ADD && told.has(operation);
    told.add(operation);
    if (!again || (flags & IORING_CQE_F_MORE) === 0) complete(result, flags);
  });
}

const endsWithRun = inCompletions((result, flags, complete, operation) => {
  const isOver = result >= 0 && (flags & IORING_CQE_F_MORE) === 0;
  complete(result, isOver ? flags | IORING_CQE_F_MORE : flags);
  if (isOver) operation.end(undefined);
});

const swallowsFailures = inCompletions((result, flags, complete, operation) => {
  const isFailure = result < 0 && operation.entry.opcode !== IORING_OP_TIMEOUT;
  if (isFailure) operation.end(undefined);
  else complete(result, flags);
});

const abortsAtOnce = inIterations((iteration, signal) => ({
  next: () => {
    const next = iteration.next();
    if (signal === undefined) return next;
    const aborted = new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => reject(abortError(signal.reason)));
    });
    return Promise.race([next, aborted]);
  },
}));

function abortError(cause: unknown): Error {
  return Object.assign(new Error('The operation was aborted', { cause }), { name: 'AbortError', code: 'ABORT_ERR' });
}

const leavesRunning = inIterations((iteration) => ({
  return: () => {
    void iteration.return();
    return Promise.resolve({ value: undefined, done: true });
  },
}));

const refusesLate = inDrivers((driver) => ({
  multishot: (...args) => {
    try {
      return driver.multishot(...args);
    } catch (error) {
      const over = Promise.resolve({ value: undefined, done: true } as const);
      const refused: Multishot = {
        next: () => Promise.reject(error),
        return: () => over,
        [Symbol.asyncDispose]: async () => {},
        [Symbol.asyncIterator]: () => refused,
      };
      return refused;
    }
  },
}));

/** An entry is free when the sink that was told of the end has returned. */
function busyInEnd(): Change {
  let ending: Entry | undefined;
  return inResources((resources) => ({
    multishotInto: (entry, sink) => {
      if (entry === ending) throw new PolyringError('ERR_POLYRING_ENTRY_IN_FLIGHT', 'The entry is in flight');
      const ended: CompletionSink['ended'] = (error) => {
        ending = entry;
        try {
          sink.ended(error);
        } finally {
          ending = undefined;
        }
      };
      return resources.multishotInto(entry, overlay(sink, { ended }));
    },
  }));
}

const swallowsThrows = inResources((resources) => ({
  multishotInto: (entry, sink) =>
    resources.multishotInto(entry, {
      completed: (completion) => {
        try {
          sink.completed(completion);
        } catch {}
      },
      ended: (error) => sink.ended(error),
    }),
}));

/** The broken multishot operations. */
export const multishotMutants: readonly Mutant[] = [
  {
    name: 'multishot-loses-tenth',
    fault: 'Every tenth completion of a multishot operation is lost.',
    base: 'uring',
    convictedBy: ['multishot.accept', 'multishot.overflow', 'buffers.receive'],
    break: losesTenth(),
  },
  {
    name: 'multishot-polls-once',
    fault: 'A multishot poll tells of one event.',
    base: 'uring',
    convictedBy: ['multishot.poll'],
    break: pollsOnce(),
  },
  {
    name: 'multishot-ticks-once-more',
    fault: 'A counted multishot timeout ticks once more than it should.',
    base: 'uring',
    convictedBy: ['multishot.timeout'],
    break: inSqes(({ off }) => ({ off: off === 0 ? 0 : off + 1 }), IORING_OP_TIMEOUT),
  },
  {
    name: 'multishot-leaves-running',
    fault: 'Leaving a loop does not wait until the operation is over.',
    base: 'uring',
    convictedBy: ['multishot.leave-loop'],
    break: leavesRunning,
  },
  {
    name: 'multishot-leaks-untaken',
    fault: 'Accepted descriptors that nobody takes stay open.',
    base: 'uring',
    convictedBy: ['multishot.leave-loop'],
    break: inside(() => replaceMethod(DescriptorCompletion.prototype, 'discard', () => () => {})),
  },
  {
    name: 'multishot-never-stops',
    fault: 'An iteration that nobody takes from goes on accepting.',
    base: 'uring',
    convictedBy: ['multishot.back-pressure'],
    break: inside(() => replaceMethod(MultishotOperation.prototype, 'pause', () => () => {})),
  },
  {
    name: 'multishot-never-goes-on',
    fault: 'An iteration that was stopped is not started again.',
    base: 'uring',
    convictedBy: ['multishot.back-pressure'],
    break: inside(() => replaceMethod(MultishotOperation.prototype, 'resume', () => () => {})),
  },
  {
    name: 'multishot-forgets-a-change',
    fault: 'A multishot poll that was changed waits for the events of its entry again once it was stopped.',
    base: 'uring',
    convictedBy: ['multishot.changed-poll'],
    break: inOperations(({ changedEvents }) => (changedEvents === undefined ? {} : { changedEvents: undefined })),
  },
  {
    name: 'multishot-ends-with-run',
    fault: 'Where the kernel ends a multishot operation, as for a full completion queue, the iteration is over.',
    base: 'uring',
    convictedBy: ['multishot.overflow'],
    break: endsWithRun,
  },
  {
    name: 'multishot-swallows-failures',
    fault: 'A multishot operation that fails ends as if it were done.',
    base: 'uring',
    convictedBy: ['multishot.failure'],
    break: swallowsFailures,
  },
  {
    name: 'multishot-aborts-at-once',
    fault: 'An abort rejects next() before the operation is over.',
    base: 'uring',
    convictedBy: ['multishot.abort'],
    break: abortsAtOnce,
  },
  {
    name: 'multishot-close-keeps-queue',
    fault: 'A driver that was closed hands out descriptors that it has closed.',
    base: 'uring',
    convictedBy: ['multishot.close'],
    break: inside(() => {
      replaceMethod(MultishotIterator.prototype, 'ended', (ended) => {
        return function (this: MultishotIterator, error) {
          const code = (error as NodeJS.ErrnoException | undefined)?.code;
          ended.call(this, error && Object.assign(new Error(error.message), { code }));
        };
      });
      replaceMethod(DescriptorCompletion.prototype, 'claim', () => () => true);
    }),
  },
  {
    name: 'multishot-close-forgets-stopped',
    fault: 'Closing a driver ends the operations in flight, and not those that were stopped.',
    base: 'uring',
    convictedBy: ['multishot.close'],
    break: inside(() => replaceMethod(Multishots.prototype, 'endIdle', () => () => {})),
  },
  {
    name: 'multishot-swallows-throws',
    fault: 'What a sink throws is swallowed.',
    base: 'uring',
    convictedBy: ['multishot.sink'],
    break: swallowsThrows,
  },
  {
    name: 'multishot-busy-in-end',
    fault: 'An entry counts as in flight until the sink that was told of the end has returned.',
    base: 'uring',
    convictedBy: ['multishot.sink'],
    break: busyInEnd(),
  },
  {
    name: 'multishot-refuses-late',
    fault: 'Arguments are refused by the first next().',
    base: 'uring',
    convictedBy: ['multishot.arguments'],
    break: refusesLate,
  },
  {
    name: 'multishot-any-sink',
    fault: 'What is no sink of completions is told of none.',
    base: 'uring',
    convictedBy: ['multishot.arguments'],
    break: inResources((resources) => ({
      multishotInto: (entry, sink) =>
        resources.multishotInto(entry, isSink(sink, 'completed', 'ended') ? sink : { completed() {}, ended() {} }),
    })),
  },
  {
    name: 'multishot-refuses-late-without-ring',
    fault: 'A driver without a ring refuses a multishot operation by the first next().',
    base: 'epoll',
    convictedBy: ['multishot.unsupported'],
    break: refusesLate,
  },
];
