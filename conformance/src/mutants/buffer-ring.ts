import { Errno, IORING_CQE_BUFFER_SHIFT, IORING_CQE_F_BUF_MORE, IORING_CQE_F_BUFFER } from '@polyring/core';
import { ProvidedBufferRing } from '../../../packages/backend-uring/dist/buffer-ring/buffer-ring.js';
import { BufferRings } from '../../../packages/backend-uring/dist/buffer-ring/buffer-rings.js';
import { FilledCompletion, ProvidedBuffer } from '../../../packages/backend-uring/dist/buffer-ring/provided-buffer.js';
import { BufferKind } from '../../../packages/backend-uring/dist/multishot/result-kind.js';
import { inCompletions, inResources } from '../seams/completions.js';
import { inside, replaceMethod } from '../seams/internals.js';
import { overlay } from '../seams/overlay.js';
import type { Mutant } from './mutant.js';

/** The bits of a completion's flags that are no number of a buffer. */
const FLAG_BITS = (1 << IORING_CQE_BUFFER_SHIFT) - 1;

/** Gives a buffer to the kernel when what it brought is told, and not when that is released. */
function givesBackAtOnce(): void {
  replaceMethod(ProvidedBufferRing.prototype, 'completionOf', (completionOf) => {
    return function (this: ProvidedBufferRing, result, flags) {
      const completion = completionOf.call(this, result, flags);
      const { bytes } = completion;
      completion.release();
      return overlay(completion, { bytes });
    };
  });
}

function takesNextBuffer(): void {
  replaceMethod(ProvidedBufferRing.prototype, 'completionOf', (completionOf) => {
    return function (this: ProvidedBufferRing, result, flags) {
      if ((flags & IORING_CQE_F_BUFFER) === 0) return completionOf.call(this, result, flags);
      const id = ((flags >>> IORING_CQE_BUFFER_SHIFT) + 1) % this.entries;
      return completionOf.call(this, result, (flags & FLAG_BITS) | (id << IORING_CQE_BUFFER_SHIFT));
    };
  });
}

/** Does not count the operations that use a buffer. */
function forgetsOperations(): void {
  replaceMethod(ProvidedBuffer.prototype, 'letGo', (letGo) => {
    return function (this: ProvidedBuffer) {
      const { users } = this;
      this.users = 0;
      letGo.call(this);
      this.users = users;
    };
  });
}

/** What is to be done behind the completions of a drain is not done. */
function keepsGivenBack(): void {
  replaceMethod(BufferRings.prototype, 'behindTold', (behindTold) => {
    return function (this: BufferRings, task) {
      let isAtOnce = true;
      behindTold.call(this, () => {
        if (isAtOnce) task();
      });
      isAtOnce = false;
    };
  });
}

const endsWithoutBuffers = inCompletions((result, flags, complete, operation) => {
  if (result === Errno.ENOBUFS) operation.end(undefined);
  else complete(result, flags);
});

/** Broken rings of buffers that the kernel selects from. */
export const bufferRingMutants: readonly Mutant[] = [
  {
    name: 'buffers-given-back-at-once',
    fault: 'A buffer is given to the kernel as soon as its completion was told.',
    base: 'uring',
    convictedBy: ['buffers.keep-bytes'],
    break: inside(givesBackAtOnce),
  },
  {
    name: 'buffers-next-one',
    fault: 'The number of the buffer that the kernel selected is off by one.',
    base: 'uring',
    convictedBy: ['buffers.receive', 'buffers.read', 'buffers.serve-many'],
    break: inside(takesNextBuffer),
  },
  {
    name: 'buffers-forget-operations',
    fault: 'A buffer is given to the kernel while an operation uses it.',
    base: 'uring',
    convictedBy: ['buffers.used-by-operation'],
    break: inside(forgetsOperations),
  },
  {
    name: 'buffers-end-when-starved',
    fault: 'A receive that finds no buffer left is taken for over.',
    base: 'uring',
    convictedBy: ['buffers.starve'],
    break: endsWithoutBuffers,
  },
  {
    name: 'buffers-keep-given-in-drain',
    fault: 'The kernel does not get a buffer that is released while completions are told, and none that follows.',
    base: 'uring',
    convictedBy: ['buffers.release-in-sink'],
    break: inside(keepsGivenBack),
  },
  {
    name: 'buffers-keep-untaken',
    fault: 'The buffers of completions that nobody takes are not given back.',
    base: 'uring',
    convictedBy: ['buffers.leave-loop'],
    break: inside(() => replaceMethod(FilledCompletion.prototype, 'discard', () => () => {})),
  },
  {
    name: 'buffers-full-at-first',
    fault: 'A buffer that is filled bit by bit is taken for full with its first completion.',
    base: 'uring',
    convictedBy: ['buffers.incremental'],
    break: inside(() =>
      replaceMethod(ProvidedBuffer.prototype, 'fill', (fill) => {
        return function (this: ProvidedBuffer, length, flags) {
          return fill.call(this, length, flags & ~IORING_CQE_F_BUF_MORE);
        };
      }),
    ),
  },
  {
    name: 'buffers-end-of-stream-missed',
    fault: 'A receive of 0 bytes is told as any other, and the operation goes on.',
    base: 'uring',
    convictedBy: ['buffers.receive'],
    break: inside(() => replaceMethod(BufferKind.prototype, 'isEnd', () => () => false)),
  },
  {
    name: 'buffers-close-leaves-operations',
    fault: 'Closing a ring of buffers leaves its operations running.',
    base: 'uring',
    convictedBy: ['buffers.close'],
    break: inside(() => replaceMethod(ProvidedBufferRing.prototype, 'close', () => async () => {})),
  },
  {
    name: 'buffers-coerce-sizes',
    fault: 'A size that is no number is turned into one.',
    base: 'uring',
    convictedBy: ['buffers.arguments'],
    break: inResources((resources) => ({
      bufferRing: ({ entries = 256, bufferSize = 4096, ...rest } = {}) =>
        resources.bufferRing({ ...rest, entries: Number(entries), bufferSize: Number(bufferSize) }),
    })),
  },
  {
    name: 'buffers-round-sizes',
    fault: 'A size that is out of range is brought into it.',
    base: 'uring',
    convictedBy: ['buffers.arguments'],
    break: inResources((resources) => ({
      bufferRing: (options = {}) => {
        const { entries = 256, bufferSize = 4096 } = options;
        const exponent = Math.min(Math.max(Math.ceil(Math.log2(entries)), 0), 15);
        return resources.bufferRing({ ...options, entries: 2 ** exponent, bufferSize: Math.ceil(bufferSize) || 1 });
      },
    })),
  },
];
