import { systemError } from '@polyring/core';
import { IORING_REGISTER_BUFFERS_UPDATE, IORING_REGISTER_BUFFERS2, IORING_RSRC_REGISTER_SPARSE } from '../abi.js';
import type { NativeRing } from '../binding.js';
import type { Arena } from './arena.js';
import type { Pool } from './pool.js';

/** More arenas than a pool has below 64 GiB. */
const TABLE_SIZE = 1024;

/**
 * The ring's registered buffers: one for each arena that a fixed read or write used.
 *
 * Registering pins the arena's pages and counts them against RLIMIT_MEMLOCK, so it waits until it is asked for.
 */
export class FixedBuffers {
  readonly #native: NativeRing;
  readonly #ownMemory: Pool;
  #hasTable = false;
  #count = 0;

  /** @param ownMemory memory that nobody but the driver sees, and that has no limit */
  constructor(native: NativeRing, ownMemory: Pool) {
    this.#native = native;
    this.#ownMemory = ownMemory;
  }

  /** The index of an arena, which is registered if it was not. Throws the system error of io_uring_register(2). */
  indexOf(arena: Arena): number {
    if (arena.registeredIndex === undefined) {
      if (!this.#hasTable) this.#makeTable();
      this.#fill(this.#count, arena);
      arena.registeredIndex = this.#count;
      this.#count += 1;
    }
    return arena.registeredIndex;
  }

  /** `struct io_uring_rsrc_register`: nr, flags, resv2, data, tags. */
  #makeTable(): void {
    const argument = new Uint32Array(8);
    argument[0] = TABLE_SIZE;
    argument[1] = IORING_RSRC_REGISTER_SPARSE;
    this.#register(IORING_REGISTER_BUFFERS2, argument, argument.byteLength);
    this.#hasTable = true;
  }

  /** `struct io_uring_rsrc_update2`: offset, resv, data, tags, nr, resv2; data points to an iovec. */
  #fill(index: number, arena: Arena): void {
    const iovec = this.#ownMemory.take(16);
    iovec.arena.bytes.writeBigUInt64LE(BigInt(arena.address), iovec.offset);
    iovec.arena.bytes.writeBigUInt64LE(BigInt(arena.bytes.byteLength), iovec.offset + 8);
    const argument = BigUint64Array.of(BigInt(index), BigInt(iovec.address), 0n, 1n);
    try {
      this.#register(IORING_REGISTER_BUFFERS_UPDATE, argument, argument.byteLength);
    } finally {
      this.#ownMemory.give(iovec);
    }
  }

  #register(opcode: number, argument: NodeJS.TypedArray, count: number): void {
    const result = this.#native.register(opcode, argument, count);
    if (result < 0) throw systemError(result, 'io_uring_register');
  }
}
