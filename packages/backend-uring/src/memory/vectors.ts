import { byteOffsetOf, MemoryAccess } from '@polyring/core';
import { writeWord } from '../kernel/word.js';
import type { Arena, Place } from './arena.js';
import type { Block } from './block.js';
import { arenaOf, beginUse, copyIn, copyOut, endUse, lengthOfLive } from './bounce.js';
import type { CustodyMemory } from './custody-memory.js';
import { LARGEST_BUFFER } from './fixed-buffers.js';

const IOVEC_SIZE = 16;

/** One vector. Its length is asked once, since views of a growing buffer answer otherwise later. */
interface Vector {
  readonly view: ArrayBufferView;
  readonly length: number;
  /** The arena that it is lent memory of; undefined for any other. */
  readonly arena: Arena | undefined;
  /** Whether the kernel works on it, rather than on a bounce. */
  readonly inPlace: boolean;
}

/** How vectors are used. */
export interface VectorUse {
  readonly access: MemoryAccess;
  /** Whether all bytes have to be in one arena, for a registered buffer. Where they are not, all of them bounce. */
  readonly oneArena: boolean;
  /** Whether the result says how many bytes the kernel wrote. */
  readonly resultIsLength: boolean;
}

/** The memory of one vectored operation: an iovec array, and one bounce for all vectors that are not lent memory. */
export class VectorCustody {
  readonly #memory: CustodyMemory;
  readonly #vectors: readonly Vector[];
  readonly #iovecs: Block;
  readonly #lent: Block[] = [];
  readonly #use: VectorUse;
  #bounce: Block | undefined;
  /** A block in the one arena that all bytes are in; undefined unless that was asked for. */
  readonly registered: Place | undefined;

  constructor(memory: CustodyMemory, views: readonly ArrayBufferView[], use: VectorUse) {
    this.#memory = memory;
    this.#use = use;
    const vectors: Vector[] = [];
    for (const view of views) {
      const length = lengthOfLive(view);
      const arena = arenaOf(memory.pool, view, length);
      vectors.push({ view, length, arena, inPlace: arena !== undefined });
    }
    this.#vectors = use.oneArena ? inOneArena(vectors) : vectors;
    this.#iovecs = memory.ownMemory.take(vectors.length * IOVEC_SIZE);
    try {
      this.#fill();
      if (use.oneArena) this.registered = this.#bounce ?? this.#lent[0];
    } catch (error) {
      this.#release();
      throw error;
    }
  }

  get address(): number {
    return this.#iovecs.address;
  }

  finish(result: number): void {
    try {
      const { access, resultIsLength } = this.#use;
      if (access === MemoryAccess.KernelWrites && result >= 0) {
        this.#scatter(resultIsLength ? result : Number.POSITIVE_INFINITY);
      }
    } finally {
      this.#release();
    }
  }

  #fill(): void {
    const foreignBytes = this.#vectors.reduce((sum, { inPlace, length }) => (inPlace ? sum : sum + length), 0);
    if (foreignBytes > 0) this.#bounce = this.#memory.pool.take(foreignBytes);
    const { arena, offset } = this.#iovecs;
    let bounced = 0;
    for (const [index, vector] of this.#vectors.entries()) {
      const at = offset + index * IOVEC_SIZE;
      writeWord(arena.bytes, at, this.#addressOf(vector, bounced));
      writeWord(arena.bytes, at + 8, vector.length);
      if (!vector.inPlace) bounced += vector.length;
    }
  }

  #addressOf({ view, length, arena, inPlace }: Vector, bounced: number): number {
    if (arena !== undefined) {
      const byteOffset = byteOffsetOf(view);
      this.#lent.push(beginUse(this.#memory.pool.lentBlock(view, arena, byteOffset, length)));
      if (inPlace) return arena.address + byteOffset;
    }
    const bounce = this.#bounce;
    if (bounce === undefined) return 0;
    const { access, resultIsLength } = this.#use;
    if (access === MemoryAccess.KernelReads || !resultIsLength) copyIn(bounce, bounced, view, length);
    return bounce.address + bounced;
  }

  #scatter(result: number): void {
    const bounce = this.#bounce;
    if (bounce === undefined) return;
    let left = result;
    let bounced = 0;
    for (const { view, length, inPlace } of this.#vectors) {
      const filled = Math.min(left, length);
      if (!inPlace) {
        copyOut(bounce, bounced, view, filled);
        bounced += length;
      }
      left -= filled;
    }
  }

  #release(): void {
    const { pool, ownMemory } = this.#memory;
    ownMemory.give(this.#iovecs);
    if (this.#bounce !== undefined) pool.give(this.#bounce);
    for (const block of this.#lent) endUse(pool, block);
  }
}

/** The vectors as they are if their bytes are lent memory of one arena that is one buffer; otherwise for one bounce. */
function inOneArena(vectors: readonly Vector[]): readonly Vector[] {
  const filled = vectors.filter(({ length }) => length > 0);
  const arena = filled[0]?.arena;
  const isOneBuffer = (arena?.bytes.byteLength ?? 0) <= LARGEST_BUFFER;
  if (isOneBuffer && filled.every((vector) => vector.arena === arena)) return vectors;
  return vectors.map((vector) => ({ ...vector, inPlace: false }));
}
