import {
  type Entry,
  IORING_OP_CLOSE,
  IORING_OP_FSYNC,
  IORING_OP_NOP,
  IORING_OP_POLL_ADD,
  IORING_OP_READ,
  IORING_OP_READ_FIXED,
  IORING_OP_READV,
  IORING_OP_TIMEOUT,
  IORING_OP_WRITE,
  IORING_OP_WRITE_FIXED,
  IORING_OP_WRITEV,
} from '@polyring/core';
import type { Block } from '../../../packages/backend-uring/dist/memory/block.js';
import { Custody } from '../../../packages/backend-uring/dist/memory/custody.js';
import { Pool } from '../../../packages/backend-uring/dist/memory/pool.js';
import { inside, replaceMethod } from '../seams/internals.js';
import { entryLike, inOperations, inSqes, inSubmissions } from '../seams/ring.js';
import type { Mutant } from './mutant.js';

const PAGE = 4096;
const MEBIBYTE = 2 ** 20;
const VECTORS = 16;
const IOVEC_BYTES = 16;
const MAXIMUM_VECTORS = 1024;
const NANOSECONDS_PER_MILLISECOND = 1_000_000n;
/** RWF_NOWAIT of pwritev2(2). */
const NOWAIT = 8;

/** Gives every vectored operation of a pool the same memory for its list of vectors. */
function oneListOfVectors(): void {
  const lists = new WeakMap<Pool, Block>();
  let takesList = false;
  replaceMethod(Custody.prototype, 'take', (take) => {
    return function (this: Custody, entry, operation) {
      takesList = entry.vectors !== undefined;
      take.call(this, entry, operation);
      takesList = false;
    };
  });
  replaceMethod(Pool.prototype, 'take', (take) => {
    return function (this: Pool, size) {
      if (!takesList) return take.call(this, size);
      takesList = false;
      const list = lists.get(this) ?? take.call(this, MAXIMUM_VECTORS * IOVEC_BYTES);
      lists.set(this, list);
      return list;
    };
  });
  replaceMethod(Pool.prototype, 'give', (give) => {
    return function (this: Pool, block) {
      if (lists.get(this) !== block) give.call(this, block);
    };
  });
}

/** The entry with a length in elements where the driver should have taken bytes. */
function inElements(entry: Entry): Entry {
  const { buffer } = entry;
  if (!(buffer instanceof BigUint64Array)) return entry;
  return entryLike(entry, { len: buffer.length });
}

/** Drivers that move the wrong bytes, or say that they moved others. */
export const ringTransferMutants: readonly Mutant[] = [
  {
    name: 'ring-offset-of-16-bits',
    fault: 'An offset in a file keeps its low 16 bits.',
    base: 'uring',
    convictedBy: ['ring.read', 'ring.write'],
    break: inSqes(({ off }) => ({ off: off === -1 ? -1 : off % 65_536 }), IORING_OP_READ, IORING_OP_WRITE),
  },
  {
    name: 'ring-sixteen-vectors',
    fault: 'Of the vectors of a transfer, those beyond the 16th are left out.',
    base: 'uring',
    convictedBy: ['ring.vectored'],
    break: inSqes(({ len }) => ({ len: Math.min(len, VECTORS) }), IORING_OP_READV, IORING_OP_WRITEV),
  },
  {
    name: 'ring-one-list-of-vectors',
    fault: 'All vectored operations use one list of vectors, also before the kernel has taken it.',
    base: 'uring',
    convictedBy: ['ring.vectors-reused'],
    break: inside(oneListOfVectors),
  },
  {
    name: 'ring-fixed-from-page',
    fault: 'A transfer of registered memory begins at the page that the view begins in.',
    base: 'uring',
    convictedBy: ['ring.fixed'],
    break: inOperations(({ entry, address }) =>
      [IORING_OP_READ_FIXED, IORING_OP_WRITE_FIXED].includes(entry.opcode)
        ? { address: address - (address % PAGE) }
        : {},
    ),
  },
  {
    name: 'ring-short-write-is-full',
    fault: 'A write moves a mebibyte at most and is told as whole.',
    base: 'uring',
    convictedBy: ['ring.large'],
    break: inSubmissions(async (submit, entry, options) => {
      const { len } = entry;
      const most = Math.min(len, MEBIBYTE);
      const written = await submit(entryLike(entry, { len: most }), options);
      return written === most ? len : written;
    }, IORING_OP_WRITE),
  },
  {
    name: 'ring-short-read-is-full',
    fault: 'A short read is told as whole.',
    base: 'uring',
    convictedBy: ['ring.short-read'],
    break: inSubmissions(async (submit, entry, options) => {
      return (await submit(entry, options)) > 0 ? entry.len : 0;
    }, IORING_OP_READ),
  },
  {
    name: 'ring-reads-without-waiting',
    fault: 'A read of an empty pipe fails at once and does not wait for bytes.',
    base: 'uring',
    convictedBy: ['ring.pipe'],
    break: inSqes(() => ({ opFlags: NOWAIT }), IORING_OP_READ),
  },
  {
    name: 'ring-length-in-elements',
    fault: 'The length of a view is counted in its elements, and not in bytes.',
    base: 'uring',
    convictedBy: ['ring.eventfd'],
    break: inSubmissions((submit, entry, options) => submit(inElements(entry), options), IORING_OP_READ),
  },
  {
    name: 'ring-swallows-errors',
    fault: 'An operation that failed resolves to 0.',
    base: 'uring',
    convictedBy: ['ring.errors'],
    break: inSubmissions(
      (submit, entry, options) => submit(entry, options).catch(() => 0),
      IORING_OP_READ,
      IORING_OP_WRITE,
    ),
  },
  {
    name: 'ring-timeout-early',
    fault: 'A timeout expires 1 ms early.',
    base: 'uring',
    convictedBy: ['ring.timeout'],
    break: inSubmissions((submit, entry, options) => {
      const [seconds = 0n, nanoseconds = 0n] = entry.buffer as BigInt64Array;
      const total = seconds * 1_000_000_000n + nanoseconds - NANOSECONDS_PER_MILLISECOND;
      const early = total < 0n ? 0n : total;
      const buffer = BigInt64Array.of(early / 1_000_000_000n, early % 1_000_000_000n);
      return submit(entryLike(entry, { buffer }), options);
    }, IORING_OP_TIMEOUT),
  },
  {
    name: 'ring-poll-without-events',
    fault: 'A poll resolves to 0 instead of its events.',
    base: 'uring',
    convictedBy: ['ring.poll-add'],
    break: inSubmissions(async (submit, entry, options) => {
      await submit(entry, options);
      return 0;
    }, IORING_OP_POLL_ADD),
  },
  {
    name: 'ring-close-leaves-open',
    fault: 'Closing a descriptor leaves it open.',
    base: 'uring',
    convictedBy: ['ring.close'],
    break: inSqes(() => ({ opcode: IORING_OP_NOP, fd: -1 }), IORING_OP_CLOSE),
  },
  {
    name: 'ring-fsync-wrong-flag',
    fault: 'The flag of fsync for data alone has another bit than in the kernel.',
    base: 'uring',
    convictedBy: ['ring.fsync'],
    break: inSqes(({ opFlags }) => ({ opFlags: opFlags << 1 }), IORING_OP_FSYNC),
  },
];
