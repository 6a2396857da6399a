import {
  IORING_CQE_F_NOTIF,
  IORING_OP_CONNECT,
  IORING_OP_FTRUNCATE,
  IORING_OP_FUTEX_WAITV,
  IORING_OP_LISTEN,
  IORING_OP_OPENAT,
  IORING_OP_POLL_REMOVE,
  IORING_OP_SENDMSG,
  IORING_OP_SPLICE,
  IORING_OP_TIMEOUT_REMOVE,
  IORING_OP_UNLINKAT,
  IORING_OP_WAITID,
  WaitidResult,
  waitid,
} from '@polyring/core';
import { Submission } from '../../../packages/backend-uring/dist/submission/submission.js';
import { inside, replaceMethod } from '../seams/internals.js';
import { inSqes, inSubmissions } from '../seams/ring.js';
import type { Mutant } from './mutant.js';

const TWO_TO_32 = 2 ** 32;

/** Broken operations on addresses, paths, structures and other entries. */
export const operationMutants: readonly Mutant[] = [
  {
    name: 'operations-connect-without-error',
    fault: 'A connection that is refused is told as made.',
    base: 'uring',
    convictedBy: ['operations.sockets'],
    break: inSubmissions((submit, entry, options) => submit(entry, options).catch(() => 0), IORING_OP_CONNECT),
  },
  {
    name: 'operations-listen-does-nothing',
    fault: 'A socket is told to listen, and does not.',
    base: 'uring',
    convictedBy: ['operations.listen'],
    break: inSubmissions(() => Promise.resolve(0), IORING_OP_LISTEN),
  },
  {
    name: 'operations-message-of-one-piece',
    fault: 'The result of a message does not count the pieces behind the first.',
    base: 'uring',
    convictedBy: ['operations.messages'],
    break: inSubmissions(
      async (submit, entry, options) => Math.min(await submit(entry, options), 10),
      IORING_OP_SENDMSG,
    ),
  },
  {
    name: 'operations-open-without-mode',
    fault: 'A file is made without the mode that was given.',
    base: 'uring',
    convictedBy: ['operations.files'],
    break: inSqes(() => ({ len: 0 }), IORING_OP_OPENAT),
  },
  {
    name: 'operations-length-of-32-bits',
    fault: 'A length that stands in the place of an offset keeps its low 32 bits.',
    base: 'uring',
    convictedBy: ['operations.ftruncate'],
    break: inSqes(({ off }) => ({ off: off % TWO_TO_32 }), IORING_OP_FTRUNCATE),
  },
  {
    name: 'operations-path-without-flags',
    fault: 'The flags of operations on paths are dropped.',
    base: 'uring',
    convictedBy: ['operations.paths'],
    break: inSqes(() => ({ opFlags: 0 }), IORING_OP_UNLINKAT),
  },
  {
    name: 'operations-splice-to-the-start',
    fault: 'A splice writes to the start of a file, whatever offset is asked for.',
    base: 'uring',
    convictedBy: ['operations.splice'],
    break: inSqes(({ off }) => ({ off: Math.min(off, 0) }), IORING_OP_SPLICE),
  },
  {
    name: 'operations-waitid-takes-child',
    fault: 'Waiting for the end of a child takes that from Node.',
    base: 'uring',
    convictedBy: ['operations.waitid'],
    break: inSubmissions(async (submit, entry, options) => {
      const result = await submit(entry, options);
      await submit(waitid({ pid: entry.fd }, new WaitidResult(), { nowait: false })).catch(() => {});
      return result;
    }, IORING_OP_WAITID),
  },
  {
    name: 'operations-first-futex',
    fault: 'A waiter of several futexes is always told the first.',
    base: 'uring',
    convictedBy: ['operations.futex'],
    break: inSubmissions((submit, entry, options) => submit(entry, options).then(() => 0), IORING_OP_FUTEX_WAITV),
  },
  {
    name: 'operations-update-removes',
    fault: 'Changing a timeout removes it.',
    base: 'uring',
    convictedBy: ['operations.updates'],
    break: inSqes(() => ({ opFlags: 0 }), IORING_OP_TIMEOUT_REMOVE),
  },
  {
    name: 'operations-poll-change-drops-events',
    fault: 'A multishot poll whose events are changed waits for none.',
    base: 'uring',
    convictedBy: ['operations.updates'],
    break: inSqes(() => ({ opFlags: 0 }), IORING_OP_POLL_REMOVE),
  },
  {
    name: 'operations-notification-is-result',
    fault: 'A send without a copy is told with the notification that the memory is free, instead of its result.',
    base: 'uring',
    convictedBy: ['operations.send-zc'],
    break: inside(() =>
      replaceMethod(Submission.prototype, 'complete', (complete) => {
        return function (this: Submission, result, flags) {
          complete.call(this, result, flags & ~IORING_CQE_F_NOTIF);
        };
      }),
    ),
  },
];
