import { AbortError, AbortListeners, Errno, IORING_OP_ASYNC_CANCEL } from '@polyring/core';
import { Engine } from '../../../packages/backend-uring/dist/engine/engine.js';
import type { Operation } from '../../../packages/backend-uring/dist/engine/operation.js';
import { Slots } from '../../../packages/backend-uring/dist/engine/slots.js';
import { inside, replaceMethod } from '../seams/internals.js';
import { inSubmissions } from '../seams/ring.js';
import type { Mutant } from './mutant.js';

/** Frees a slot when its operation is cancelled, and lets the late completion find whoever has the slot then. */
function endsAtCancel(): void {
  const homes = new WeakMap<Operation, Slots>();
  replaceMethod(Slots.prototype, 'occupy', (occupy) => {
    return function (this: Slots, operation) {
      occupy.call(this, operation);
      homes.set(operation, this);
    };
  });
  replaceMethod(Slots.prototype, 'find', (find) => {
    return function (this: Slots, slot) {
      return find.call(this, slot, this.generation(slot));
    };
  });
  replaceMethod(Engine.prototype, 'cancel', (cancel) => {
    return function (this: Engine, operation) {
      if (!operation.inFlight) return;
      cancel.call(this, operation);
      homes.get(operation)?.vacate(operation);
      operation.entry.owner = undefined;
      queueMicrotask(() => operation.complete(Errno.ECANCELED, 0));
    };
  });
}

/** Ignores the cancel of an operation that was queued in the same turn of the loop. */
function ignoresEarlyCancel(): void {
  const early = new WeakSet<Operation>();
  replaceMethod(Engine.prototype, 'enqueue', (enqueue) => {
    return function (this: Engine, operation) {
      enqueue.call(this, operation);
      early.add(operation);
      setImmediate(() => early.delete(operation));
    };
  });
  replaceMethod(Engine.prototype, 'cancel', (cancel) => {
    return function (this: Engine, operation) {
      if (!early.has(operation)) cancel.call(this, operation);
    };
  });
}

/** Drivers that cancel what they should not, or do not tell. */
export const ringCancelMutants: readonly Mutant[] = [
  {
    name: 'ring-abort-wins',
    fault: 'An operation whose signal is aborted is told as cancelled, though it has completed.',
    base: 'uring',
    convictedBy: ['ring.signal-races'],
    break: inSubmissions(async (submit, entry, options) => {
      const result = await submit(entry, options);
      if (options?.signal?.aborted) throw new AbortError(options.signal.reason);
      return result;
    }),
  },
  {
    name: 'ring-cancel-always-finds',
    fault: 'A cancel is told as having found its operation, whatever it found.',
    base: 'uring',
    convictedBy: ['ring.cancel-races', 'ring.cancel-twice', 'ring.cancel-not-found'],
    break: inSubmissions((submit, entry, options) => submit(entry, options).catch(() => 0), IORING_OP_ASYNC_CANCEL),
  },
  {
    name: 'ring-ignores-aborted',
    fault: 'A signal that was aborted before the submission is ignored.',
    base: 'uring',
    convictedBy: ['ring.cancel-before-start'],
    break: inSubmissions((submit, entry, options) => submit(entry, options?.signal?.aborted ? {} : options)),
  },
  {
    name: 'ring-ignores-early-cancel',
    fault: 'The cancel of an operation that the kernel does not have yet is lost.',
    base: 'uring',
    convictedBy: ['ring.cancel-before-start'],
    break: inside(ignoresEarlyCancel),
  },
  {
    name: 'ring-listens-for-ever',
    fault: 'The listener of a signal stays when its operation is over, and cancels the next operation of its kind.',
    base: 'uring',
    convictedBy: ['ring.late-abort'],
    break: inside(() => replaceMethod(AbortListeners.prototype, 'remove', () => () => {})),
  },
  {
    name: 'ring-ends-at-cancel',
    fault: 'A cancelled operation is over at once, and its late completion goes to who has its slot then.',
    base: 'uring',
    convictedBy: ['ring.reused-slot'],
    break: inside(endsAtCancel),
  },
];
