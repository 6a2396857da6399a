import { IORING_REGISTER_BUFFERS_UPDATE, IORING_REGISTER_BUFFERS2 } from '../kernel/abi.js';
import type { NativeRing } from '../kernel/binding.js';
import { register, registerSparse } from '../kernel/register.js';
import { upperHalf, writeWord } from '../kernel/word.js';
import type { Arena } from './arena.js';
import { lockableBytes } from './lockable.js';
import type { Pool } from './pool.js';

/** More arenas than a pool has below 64 GiB. */
const TABLE_SIZE = 1024;
/** The most bytes that the kernel takes for one buffer. */
export const LARGEST_BUFFER = 2 ** 30;

/** Reads and writes of an arena after which registering it pays: each saves some 10 % of a read of 4 KiB from then on. */
const WORTH_AFTER = 1024;
/** The most bytes that are registered without being asked for, and the part of what may be locked: others lock memory too. */
const MOST_UNASKED = 16 * 1024 * 1024;
const PART_OF_LOCKABLE = 4;

/**
 * The ring's registered buffers: one for each arena that a fixed read or write used, or that many others did. Of an arena above
 * 1 GiB each part of that size is one.
 *
 * Registering pins the arena's pages and counts them against RLIMIT_MEMLOCK, so it waits until it is asked for, or worth it.
 */
export class FixedBuffers {
  readonly #native: NativeRing;
  readonly #ownMemory: Pool;
  #hasTable = false;
  #count = 0;
  /** The indexes of the parts of arenas that are too large for one buffer. */
  readonly #parts = new Map<Arena, number[]>();
  readonly #lockable: () => number;
  #unaskedBytes = 0;

  /**
   * @param ownMemory memory that nobody but the driver sees, and that has no limit
   * @param lockable see {@link lockableBytes}
   */
  constructor(native: NativeRing, ownMemory: Pool, lockable = lockableBytes) {
    this.#native = native;
    this.#ownMemory = ownMemory;
    this.#lockable = lockable;
  }

  /** The index for an address in an arena, registered if it was not. Throws the system error of io_uring_register(2). */
  indexOf(arena: Arena, address: number): number {
    if (arena.bytes.byteLength > LARGEST_BUFFER) return this.#indexInParts(arena, address);
    arena.registeredIndex ??= this.#add(arena.address, arena.bytes.byteLength);
    return arena.registeredIndex;
  }

  /** One more operation works on an arena. Its index, if it is registered; it may be from now on. */
  indexIfWorth(arena: Arena): number | undefined {
    if (arena.registeredIndex === undefined) {
      arena.uses += 1;
      if (arena.uses === WORTH_AFTER) this.#tryToRegister(arena);
    }
    return arena.registeredIndex;
  }

  /** Where it is not granted, as by RLIMIT_MEMLOCK, everything goes on without. */
  #tryToRegister(arena: Arena): void {
    const { byteLength } = arena.bytes;
    const most = Math.min(MOST_UNASKED, this.#lockable() / PART_OF_LOCKABLE);
    if (this.#unaskedBytes + byteLength > most) return;
    try {
      this.indexOf(arena, arena.address);
      this.#unaskedBytes += byteLength;
    } catch {}
  }

  #indexInParts(arena: Arena, address: number): number {
    const part = Math.floor((address - arena.address) / LARGEST_BUFFER);
    const indexes = this.#parts.get(arena) ?? [];
    this.#parts.set(arena, indexes);
    const index = indexes[part] ?? this.#add(arena.address + part * LARGEST_BUFFER, LARGEST_BUFFER);
    indexes[part] = index;
    return index;
  }

  /** Registers memory. Its index. */
  #add(address: number, byteLength: number): number {
    if (!this.#hasTable) registerSparse(this.#native, IORING_REGISTER_BUFFERS2, TABLE_SIZE);
    this.#hasTable = true;
    const index = this.#count;
    this.#fill(index, address, byteLength);
    this.#count += 1;
    return index;
  }

  /** `struct io_uring_rsrc_update2`: offset, resv, data, tags, nr, resv2; data points to an iovec. */
  #fill(index: number, address: number, byteLength: number): void {
    const iovec = this.#ownMemory.take(16);
    writeWord(iovec.arena.bytes, iovec.offset, address);
    writeWord(iovec.arena.bytes, iovec.offset + 8, byteLength);
    const argument = Uint32Array.of(index, 0, iovec.address, upperHalf(iovec.address), 0, 0, 1, 0);
    try {
      register(this.#native, IORING_REGISTER_BUFFERS_UPDATE, argument, argument.byteLength);
    } finally {
      this.#ownMemory.give(iovec);
    }
  }
}
