import { Entry, IORING_OP_READ, IORING_OP_WRITE } from '@polyring/core';
import { loadBinding } from '../../../packages/backend-uring/dist/kernel/binding.js';
import type { Block } from '../../../packages/backend-uring/dist/memory/block.js';
import { Custody } from '../../../packages/backend-uring/dist/memory/custody.js';
import { Pool } from '../../../packages/backend-uring/dist/memory/pool.js';
import type { Change } from '../seams/change.js';
import { inside, replaceMethod } from '../seams/internals.js';
import { overlay } from '../seams/overlay.js';
import { inDrivers } from '../seams/parts.js';
import { inSubmissions } from '../seams/ring.js';
import type { Mutant } from './mutant.js';

/** Memory that is waited for holds something. */
const lendsDirtyLater = inDrivers((driver) => ({
  allocateAsync: async (byteLength, options) => {
    const memory = await driver.allocateAsync(byteLength, options);
    memory.bytes.fill(0x55);
    return memory;
  },
}));

/** Bytes from which on a buffer has a block of the allocator's of its own. */
const LARGE = 65_536;

/** The entry with the bare address of its buffer, which nothing keeps. */
function withAddress({ opcode, flags, fd, off, len, opFlags, buffer }: Entry): Entry {
  const addr = buffer === undefined ? 0 : loadBinding().addressOf(buffer.buffer) + buffer.byteOffset;
  return Entry.unsafe({ opcode, flags, fd, off, len, opFlags, addr });
}

/** Hands the memory of large buffers that were collected out again at once, as the allocator of the process may. */
function reuseCollectedMemory(): void {
  const blocks: { readonly memory: ArrayBuffer; user: WeakRef<Buffer> }[] = [];
  const { alloc } = Buffer;
  Buffer.alloc = (size, fill = 0, encoding = 'utf8') => {
    if (size < LARGE) return alloc(size, fill, encoding);
    const free = blocks.find(({ memory, user }) => memory.byteLength === size && user.deref() === undefined);
    const memory = free?.memory ?? new ArrayBuffer(size);
    const buffer = Buffer.from(memory);
    if (free === undefined) blocks.push({ memory, user: new WeakRef(buffer) });
    else free.user = new WeakRef(buffer);
    return buffer.fill(fill, 0, size, encoding);
  };
}

/** A fault of operations of one opcode, whose buffers nothing keeps. */
function forgetsBuffers(opcode: number): Change {
  return inSubmissions((submit, entry, options) => submit(withAddress(entry), options), opcode);
}

/** The kernel writes to memory that is another buffer's by then, and never to loose ends of the heap. */
const forgetsTargets: Change = (base) => {
  reuseCollectedMemory();
  return forgetsBuffers(IORING_OP_READ)(base);
};

const lendsDirty = inDrivers((driver) => {
  let left = Buffer.alloc(0);
  return {
    allocate: (byteLength) => {
      const memory = driver.allocate(byteLength);
      memory.bytes.set(left.subarray(0, byteLength));
      const release = (): void => {
        left = Buffer.from(memory.bytes);
        memory.release();
      };
      return overlay(memory, { release });
    },
  };
});

/** Does not count the operations that use lent memory. */
function countsNoUsers(): void {
  const used: Block[] = [];
  const noted = (block: Block | undefined): Block | undefined => {
    if (block !== undefined) used.push(block);
    return block;
  };
  replaceMethod(Pool.prototype, 'blockOf', (blockOf) => {
    return function (this: Pool, view) {
      return noted(blockOf.call(this, view));
    };
  });
  replaceMethod(Pool.prototype, 'lentBlock', (lentBlock) => {
    return function (this: Pool, view, arena, offset, length) {
      return noted(lentBlock.call(this, view, arena, offset, length));
    };
  });
  replaceMethod(Custody.prototype, 'take', (take) => {
    return function (this: Custody, entry, operation) {
      take.call(this, entry, operation);
      for (const { use } of used.splice(0)) use.users -= 1;
    };
  });
}

/** Several operations are begun by a microtask, which may come after their memory was changed. */
const readsSeveralLate = inDrivers((driver) => ({
  submitMany: async (entries, options) => {
    await undefined;
    return driver.submitMany(entries, options);
  },
  submitLinked: async (entries, options) => {
    await undefined;
    return driver.submitLinked(entries, options);
  },
}));

/** Drivers that do not keep the memory of operations in flight. */
export const ringMemoryMutants: readonly Mutant[] = [
  {
    name: 'ring-forgets-targets',
    fault: "A read gets the address of the caller's buffer, which nothing keeps.",
    base: 'uring',
    convictedBy: ['ring.forgotten-buffers', 'ring.detached-in-flight'],
    break: forgetsTargets,
  },
  {
    name: 'ring-forgets-sources',
    fault: "A write gets the address of the caller's buffer, which nothing keeps.",
    base: 'uring',
    convictedBy: ['ring.forgotten-writes', 'ring.changed-after-submission'],
    break: forgetsBuffers(IORING_OP_WRITE),
  },
  {
    name: 'ring-reads-several-late',
    fault: 'What several operations write is taken when the call that submitted them has returned.',
    base: 'uring',
    convictedBy: ['ring.changed-after-submission'],
    break: readsSeveralLate,
  },
  {
    name: 'ring-reads-limited-late',
    fault: 'What an operation with a time limit writes is taken when the call that submitted it has returned.',
    base: 'uring',
    convictedBy: ['ring.changed-after-submission'],
    break: inSubmissions(async (submit, entry, options) => {
      if (options?.timeout !== undefined) await undefined;
      return submit(entry, options);
    }),
  },
  {
    name: 'ring-lends-dirty',
    fault: 'Memory is lent with what its last user left in it.',
    base: 'uring',
    convictedBy: ['ring.lent-memory'],
    break: lendsDirty,
  },
  {
    name: 'ring-takes-released',
    fault: 'Memory that was released is used by operations all the same.',
    base: 'uring',
    convictedBy: ['ring.lent-memory'],
    break: inSubmissions((submit, entry, options) => {
      return submit(entry, options).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'ERR_POLYRING_RELEASED') throw error;
        return submit(withAddress(entry), options);
      });
    }),
  },
  {
    name: 'ring-counts-no-users',
    fault: 'Memory that is released while an operation uses it is lent to the next at once.',
    base: 'uring',
    convictedBy: ['ring.released-in-flight'],
    break: inside(countsNoUsers),
  },
  {
    name: 'ring-lends-dirty-later',
    fault: 'Memory that is waited for is lent with what its last user left in it.',
    base: 'uring',
    convictedBy: ['ring.lent-memory'],
    break: lendsDirtyLater,
  },
  {
    name: 'memory-dirty-later',
    fault: 'Memory that is waited for is not filled with zeros where there is no ring.',
    base: 'epoll',
    convictedBy: ['ring.unsupported'],
    break: lendsDirtyLater,
  },
];
