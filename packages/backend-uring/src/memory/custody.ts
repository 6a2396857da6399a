import {
  type Entry,
  IORING_OP_READ,
  IORING_OP_READ_FIXED,
  IORING_OP_READV,
  IORING_OP_RECV,
  IORING_OP_WRITE_FIXED,
  MemoryAccess,
  PolyringError,
} from '@polyring/core';
import type { Block } from './block.js';
import type { FixedBuffers } from './fixed-buffers.js';
import type { Pool } from './pool.js';

// Captured, so that nobody's later change of the prototype sees or stops the copies.
const { set } = Uint8Array.prototype;

/** Operations whose result is how many bytes the kernel wrote from the start of their memory. */
const RESULT_IS_LENGTH = new Set([IORING_OP_READ, IORING_OP_READ_FIXED, IORING_OP_READV, IORING_OP_RECV]);

/**
 * Keeps the memory of one operation valid until its terminal completion.
 *
 * Lent memory of the pool is used in place and cannot be taken by anybody else before. Any other
 * buffer stays untouched: the kernel works on a block of the pool, and bytes are copied
 * at submission and at the terminal completion. So the caller's buffer may be detached,
 * shrunk or collected at any time. See docs/safety.md.
 */
export class Custody {
  readonly #pool: Pool;
  readonly #fixed: FixedBuffers;
  /** What the SQE's `addr` is to hold. */
  address = 0;
  /** What the SQE's `buf_index` is to hold. */
  bufIndex = 0;
  #bounce: Block | undefined;
  #lent: Block | undefined;
  #view: ArrayBufferView | undefined;
  #vectors: VectorCustody | undefined;
  #copiesResultOnly = true;

  constructor(pool: Pool, fixed: FixedBuffers) {
    this.#pool = pool;
    this.#fixed = fixed;
  }

  /**
   * Takes an entry's memory. Throws, and holds nothing then, if it cannot.
   *
   * @throws ERR_POLYRING_DETACHED, ERR_POLYRING_RELEASED, ERR_POLYRING_POOL_EXHAUSTED, and what registering throws
   */
  take(entry: Entry): void {
    const { buffer, vectors, opcode } = entry;
    this.bufIndex = entry.bufIndex;
    if (buffer !== undefined) {
      this.#takeBuffer(entry, buffer);
      if (opcode === IORING_OP_READ_FIXED || opcode === IORING_OP_WRITE_FIXED) this.#register();
    } else if (vectors !== undefined) {
      this.#vectors = new VectorCustody(this.#pool, vectors, entry.access);
      this.address = this.#vectors.address;
    } else {
      this.address = entry.addr;
    }
  }

  /**
   * Gives everything back after the terminal completion, and the caller its bytes.
   *
   * @param result the operation's result
   * @throws ERR_POLYRING_BUFFER_GONE if the caller's buffer no longer has room for them
   */
  finish(result: number): void {
    const bounce = this.#bounce;
    const lent = this.#lent;
    const vectors = this.#vectors;
    if (bounce !== undefined) {
      const view = this.#view;
      this.#bounce = undefined;
      this.#view = undefined;
      try {
        if (view !== undefined && result > 0) this.#copyBack(bounce, view, result);
      } finally {
        this.#pool.give(bounce);
      }
    } else if (lent !== undefined) {
      this.#lent = undefined;
      endUse(this.#pool, lent);
    } else if (vectors !== undefined) {
      this.#vectors = undefined;
      vectors.finish(result);
    }
  }

  #takeBuffer(entry: Entry, view: ArrayBufferView): void {
    const length = lengthOfLive(view);
    if (length < entry.len) throw detachedError();
    const arena = this.#pool.arenaOf(view.buffer);
    if (arena !== undefined) {
      this.#lent = beginUse(this.#pool.lentBlock(arena, view.byteOffset, length));
      this.address = arena.address + view.byteOffset;
      return;
    }
    const bounce = this.#pool.take(length);
    const resultIsLength = RESULT_IS_LENGTH.has(entry.opcode);
    if (entry.access === MemoryAccess.KernelReads || !resultIsLength) copyIn(bounce, 0, view);
    this.#bounce = bounce;
    this.#view = entry.access === MemoryAccess.KernelWrites ? view : undefined;
    this.#copiesResultOnly = resultIsLength;
    this.address = bounce.address;
  }

  #register(): void {
    const block = (this.#bounce ?? this.#lent) as Block;
    try {
      this.bufIndex = this.#fixed.indexOf(block.arena);
    } catch (error) {
      this.finish(-1);
      throw error;
    }
  }

  #copyBack(bounce: Block, view: ArrayBufferView, result: number): void {
    copyOut(bounce, 0, view, this.#copiesResultOnly ? Math.min(result, bounce.size) : view.byteLength);
  }
}

/** The memory of one vectored operation: an iovec array, and one bounce for all vectors that are not lent memory. */
class VectorCustody {
  readonly #pool: Pool;
  readonly #vectors: readonly ArrayBufferView[];
  readonly #iovecs: Block;
  readonly #lent: Block[] = [];
  readonly #kernelWrites: boolean;
  #bounce: Block | undefined;

  constructor(pool: Pool, vectors: readonly ArrayBufferView[], access: MemoryAccess) {
    this.#pool = pool;
    this.#vectors = vectors;
    this.#kernelWrites = access === MemoryAccess.KernelWrites;
    this.#iovecs = pool.take(vectors.length * 16);
    try {
      this.#fill();
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
      if (this.#kernelWrites && result > 0) this.#scatter(result);
    } finally {
      this.#release();
    }
  }

  #fill(): void {
    for (const vector of this.#vectors) lengthOfLive(vector);
    const foreign = this.#vectors.filter((vector) => this.#pool.arenaOf(vector.buffer) === undefined);
    const foreignBytes = foreign.reduce((sum, vector) => sum + vector.byteLength, 0);
    if (foreignBytes > 0) this.#bounce = this.#pool.take(foreignBytes);
    const { arena, offset } = this.#iovecs;
    let bounced = 0;
    this.#vectors.forEach((vector, index) => {
      const at = offset + index * 16;
      arena.bytes.writeBigUInt64LE(BigInt(this.#addressOf(vector, bounced)), at);
      arena.bytes.writeBigUInt64LE(BigInt(vector.byteLength), at + 8);
      if (this.#pool.arenaOf(vector.buffer) === undefined) bounced += vector.byteLength;
    });
  }

  #addressOf(vector: ArrayBufferView, bounced: number): number {
    const arena = this.#pool.arenaOf(vector.buffer);
    if (arena !== undefined) {
      this.#lent.push(beginUse(this.#pool.lentBlock(arena, vector.byteOffset, vector.byteLength)));
      return arena.address + vector.byteOffset;
    }
    const bounce = this.#bounce;
    if (bounce === undefined) return 0;
    if (!this.#kernelWrites) copyIn(bounce, bounced, vector);
    return bounce.address + bounced;
  }

  #scatter(result: number): void {
    const bounce = this.#bounce;
    if (bounce === undefined) return;
    const { arena, offset } = this.#iovecs;
    let left = result;
    let bounced = 0;
    for (const [index, vector] of this.#vectors.entries()) {
      // What the kernel was told: the caller's view may have shrunk since.
      const length = Number(arena.bytes.readBigUInt64LE(offset + index * 16 + 8));
      const filled = Math.min(left, length);
      if (this.#pool.arenaOf(vector.buffer) === undefined) {
        copyOut(bounce, bounced, vector, filled);
        bounced += length;
      }
      left -= filled;
    }
  }

  #release(): void {
    this.#pool.give(this.#iovecs);
    if (this.#bounce !== undefined) this.#pool.give(this.#bounce);
    for (const block of this.#lent) endUse(this.#pool, block);
  }
}

/** Marks lent memory as used by an operation. */
function beginUse(block: Block | undefined): Block {
  if (block === undefined) {
    throw new PolyringError(
      'ERR_POLYRING_RELEASED',
      'The buffer is memory of the driver that was released, or reaches beyond what was allocated. ' +
        'Keep the memory until the last operation on it was submitted.',
    );
  }
  block.users += 1;
  return block;
}

/** The end of a use. Memory that was released meanwhile goes back to the pool. */
export function endUse(pool: Pool, block: Block): void {
  block.users -= 1;
  if (!block.lent && block.users === 0) pool.give(block);
}

function copyIn(block: Block, at: number, view: ArrayBufferView): void {
  set.call(block.arena.bytes, bytesOf(view, view.byteLength), block.offset + at);
}

function copyOut(block: Block, at: number, view: ArrayBufferView, length: number): void {
  if (length === 0) return;
  if (isGone(view, length)) {
    throw new PolyringError(
      'ERR_POLYRING_BUFFER_GONE',
      `The operation read ${length} bytes, but the buffer was detached or shrunk meanwhile. ` +
        'The bytes are lost. Leave a buffer alone until its promise settled.',
    );
  }
  const start = block.offset + at;
  set.call(bytesOf(view, length), block.arena.bytes.subarray(start, start + length));
}

function bytesOf(view: ArrayBufferView, length: number): Uint8Array {
  if (view instanceof Uint8Array && view.byteLength === length) return view;
  return new Uint8Array(view.buffer, view.byteOffset, length);
}

/** A view of a detached buffer is empty, and so may be a live one; but no view can be made on a detached buffer. */
function lengthOfLive(view: ArrayBufferView): number {
  try {
    const { byteLength } = view;
    if (byteLength === 0) new Uint8Array(view.buffer);
    return byteLength;
  } catch {
    // A DataView throws a TypeError of its own.
    throw detachedError();
  }
}

function isGone(view: ArrayBufferView, length: number): boolean {
  try {
    return view.byteLength < length;
  } catch {
    return true;
  }
}

function detachedError(): PolyringError {
  return new PolyringError(
    'ERR_POLYRING_DETACHED',
    'The buffer of the entry was detached or shrunk after the entry was made. Make the entry from a live buffer.',
  );
}
