import { Errno, IORING_CQE_F_MORE } from '@polyring/core';
import { Closing } from '../../../packages/backend-uring/dist/engine/closing.js';
import { CompletionQueue } from '../../../packages/backend-uring/dist/engine/completion-queue.js';
import { Ring } from '../../../packages/backend-uring/dist/engine/ring.js';
import { Slots } from '../../../packages/backend-uring/dist/engine/slots.js';
import { SubmissionQueue } from '../../../packages/backend-uring/dist/engine/submission-queue.js';
import { FaultyRing } from '../../../packages/backend-uring/dist/storm/faulty-ring.test-support.js';
import type { Change } from '../seams/change.js';
import { inside, replaceMethod } from '../seams/internals.js';
import type { Mutant } from './mutant.js';

/** Takes an answer of enter for a failure of the ring. */
function isFatal(errno: number): Change {
  return inside(() =>
    replaceMethod(Ring.prototype, 'submit', (submit) => {
      return function (this: Ring) {
        const taken = submit.call(this);
        return taken === errno ? Errno.EBADF : taken;
      };
    }),
  );
}

/** Counts entries as taken whatever enter says. */
function countsAsTaken(isMistaken: (taken: number) => boolean): Change {
  return inside(() =>
    replaceMethod(FaultyRing.prototype, 'enter', (enter) => {
      return function (this: FaultyRing, toSubmit, minComplete, flags) {
        const taken = enter.call(this, toSubmit, minComplete, flags);
        return toSubmit > 0 && isMistaken(taken) ? toSubmit : taken;
      };
    }),
  );
}

function neverTriesAgain(): void {
  replaceMethod(SubmissionQueue.prototype, 'submitAll', (submitAll) => {
    return function (this: SubmissionQueue) {
      submitAll.call(this);
      return true;
    };
  });
}

/** The user_data of an operation is its slot alone. */
function keepsGenerations(): void {
  const { generation } = Slots.prototype;
  replaceMethod(Slots.prototype, 'find', (find) => {
    return function (this: Slots, slot) {
      return find.call(this, slot, generation.call(this, slot));
    };
  });
  replaceMethod(Slots.prototype, 'generation', () => () => 0);
}

function endsAtFirstCompletion(): void {
  replaceMethod(CompletionQueue.prototype, 'reap', (reap) => {
    return function (this: CompletionQueue, handle, most) {
      return reap.call(this, (low, high, result, flags) => handle(low, high, result, flags & ~IORING_CQE_F_MORE), most);
    };
  });
}

function neverGivesUp(): void {
  replaceMethod(Closing.prototype, 'wait', (wait) => {
    return function (this: Closing, cancel) {
      wait.call(this, cancel, () => {});
    };
  });
}

/** Drivers that lose their way when something goes wrong between them and the kernel, or at its bidding. */
export const ringFaultMutants: readonly Mutant[] = [
  {
    name: 'ring-drops-rest',
    fault: 'What the kernel leaves of a submission is taken for submitted.',
    base: 'stormy',
    convictedBy: ['ring.submission-queue-full'],
    break: countsAsTaken((taken) => taken > 0),
  },
  {
    name: 'ring-drops-refused',
    fault: 'What the kernel has no memory for now (EAGAIN) is taken for submitted.',
    base: 'stormy',
    convictedBy: ['ring.nop'],
    break: countsAsTaken((taken) => taken === Errno.EAGAIN),
  },
  {
    name: 'ring-never-tries-again',
    fault: 'What the kernel does not take for now (EAGAIN, EBUSY) waits for the next submission.',
    base: 'stormy',
    convictedBy: ['ring.nop'],
    break: inside(neverTriesAgain),
  },
  {
    name: 'ring-fails-when-interrupted',
    fault: 'An enter that was interrupted (EINTR) is the end of the ring.',
    base: 'stormy',
    convictedBy: ['ring.nop'],
    break: isFatal(Errno.EINTR),
  },
  {
    name: 'ring-fails-when-short',
    fault: 'An enter that found no memory for now (EAGAIN) is the end of the ring.',
    base: 'stormy',
    convictedBy: ['ring.nop'],
    break: isFatal(Errno.EAGAIN),
  },
  {
    name: 'ring-fails-when-busy',
    fault: 'An enter that has to wait until completions were taken (EBUSY) is the end of the ring.',
    base: 'stormy',
    convictedBy: ['ring.submission-queue-full'],
    break: isFatal(Errno.EBUSY),
  },
  {
    name: 'ring-keeps-generations',
    fault: 'The operations that follow one another in a slot have the same user_data.',
    base: 'uring',
    convictedBy: ['remote.late-wake'],
    break: inside(keepsGenerations),
  },
  {
    name: 'ring-ends-at-first-completion',
    fault: 'An operation is over, and its memory given back, at a completion that says that more will come.',
    base: 'uring',
    convictedBy: ['operations.send-zc', 'multishot.accept', 'buffers.receive'],
    break: inside(endsAtFirstCompletion),
  },
  {
    name: 'ring-never-gives-up',
    fault: 'The end of a driver waits for the kernel without a limit.',
    base: 'stormy',
    convictedBy: ['lifecycle.close-timeout'],
    break: inside(neverGivesUp),
  },
  {
    name: 'ring-leaves-untold',
    fault: 'A driver whose time is over settles none of the operations that it leaves.',
    base: 'stormy',
    convictedBy: ['lifecycle.close-timeout'],
    break: inside(() => replaceMethod(Slots.prototype, 'all', () => () => [])),
  },
];
