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
import type { Arena } from './arena.js';
import type { Block } from './block.js';
import type { FixedBuffers } from './fixed-buffers.js';
import type { Pool } from './pool.js';

// Captured, so that nobody's later change of the prototype sees or stops the copies.
const { set } = Uint8Array.prototype;

const IOVEC_SIZE = 16;
const TWO_TO_32 = 2 ** 32;

/** Operations whose result is how many bytes the kernel wrote from the start of their memory. */
const RESULT_IS_LENGTH = new Set([IORING_OP_READ, IORING_OP_READ_FIXED, IORING_OP_READV, IORING_OP_RECV]);

/** Where the memory of operations is. */
export interface CustodyMemory {
  /** What is lent, and what other buffers bounce through. */
  readonly pool: Pool;
  /** Memory that nobody but the driver sees, for the addresses of vectors: whoever changed one would move a write of the kernel. */
  readonly ownMemory: Pool;
  readonly fixed: FixedBuffers;
}

/**
 * Keeps the memory of one operation valid until its terminal completion.
 *
 * Lent memory of the pool is used in place and cannot be taken by anybody else before. Any other
 * buffer stays untouched: the kernel works on a block of the pool, and bytes are copied
 * at submission and at the terminal completion. So the caller's buffer may be detached,
 * shrunk or collected at any time. See docs/safety.md.
 */
export class Custody {
  readonly #memory: CustodyMemory;
  /** What the SQE's `addr` is to hold. */
  address = 0;
  /** What the SQE's `buf_index` is to hold. */
  bufIndex = 0;
  #bounce: Block | undefined;
  #lent: Block | undefined;
  #view: ArrayBufferView | undefined;
  #length = 0;
  #vectors: VectorCustody | undefined;
  #copiesResultOnly = true;

  constructor(memory: CustodyMemory) {
    this.#memory = memory;
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
      this.#vectors = new VectorCustody(this.#memory, vectors, entry.access);
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
        this.#memory.pool.give(bounce);
      }
    } else if (lent !== undefined) {
      this.#lent = undefined;
      endUse(this.#memory.pool, lent);
    } else if (vectors !== undefined) {
      this.#vectors = undefined;
      vectors.finish(result);
    }
  }

  #takeBuffer(entry: Entry, view: ArrayBufferView): void {
    const { pool } = this.#memory;
    const length = lengthOfLive(view);
    if (length < entry.len) throw detachedError();
    const arena = arenaOf(pool, view, length);
    if (arena !== undefined) {
      const { byteOffset } = view;
      this.#lent = beginUse(pool.lentBlock(arena, byteOffset, length));
      this.address = arena.address + byteOffset;
      return;
    }
    const bounce = pool.take(length);
    const resultIsLength = RESULT_IS_LENGTH.has(entry.opcode);
    if (entry.access === MemoryAccess.KernelReads || !resultIsLength) copyIn(bounce, 0, view, length);
    this.#bounce = bounce;
    this.#view = entry.access === MemoryAccess.KernelWrites ? view : undefined;
    this.#length = length;
    this.#copiesResultOnly = resultIsLength;
    this.address = bounce.address;
  }

  #register(): void {
    const block = (this.#bounce ?? this.#lent) as Block;
    try {
      this.bufIndex = this.#memory.fixed.indexOf(block.arena);
    } catch (error) {
      this.finish(-1);
      throw error;
    }
  }

  #copyBack(bounce: Block, view: ArrayBufferView, result: number): void {
    copyOut(bounce, 0, view, this.#copiesResultOnly ? Math.min(result, this.#length) : this.#length);
  }
}

/** One vector. Its length is asked once, since views of a growing buffer answer otherwise later. */
interface Vector {
  readonly view: ArrayBufferView;
  readonly length: number;
  /** The arena that it is lent memory of; undefined for what bounces. */
  readonly arena: Arena | undefined;
}

/** The memory of one vectored operation: an iovec array, and one bounce for all vectors that are not lent memory. */
class VectorCustody {
  readonly #memory: CustodyMemory;
  readonly #vectors: readonly Vector[];
  readonly #iovecs: Block;
  readonly #lent: Block[] = [];
  readonly #kernelWrites: boolean;
  #bounce: Block | undefined;

  constructor(memory: CustodyMemory, views: readonly ArrayBufferView[], access: MemoryAccess) {
    this.#memory = memory;
    this.#vectors = views.map((view) => {
      const length = lengthOfLive(view);
      return { view, length, arena: arenaOf(memory.pool, view, length) };
    });
    this.#kernelWrites = access === MemoryAccess.KernelWrites;
    this.#iovecs = memory.ownMemory.take(views.length * IOVEC_SIZE);
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
    const foreignBytes = this.#vectors.reduce(
      (sum, { arena, length }) => (arena === undefined ? sum + length : sum),
      0,
    );
    if (foreignBytes > 0) this.#bounce = this.#memory.pool.take(foreignBytes);
    const { arena, offset } = this.#iovecs;
    let bounced = 0;
    for (const [index, vector] of this.#vectors.entries()) {
      const at = offset + index * IOVEC_SIZE;
      writeWord(arena.bytes, this.#addressOf(vector, bounced), at);
      writeWord(arena.bytes, vector.length, at + 8);
      if (vector.arena === undefined) bounced += vector.length;
    }
  }

  #addressOf({ view, length, arena }: Vector, bounced: number): number {
    if (arena !== undefined) {
      const { byteOffset } = view;
      this.#lent.push(beginUse(this.#memory.pool.lentBlock(arena, byteOffset, length)));
      return arena.address + byteOffset;
    }
    const bounce = this.#bounce;
    if (bounce === undefined) return 0;
    if (!this.#kernelWrites) copyIn(bounce, bounced, view, length);
    return bounce.address + bounced;
  }

  #scatter(result: number): void {
    const bounce = this.#bounce;
    if (bounce === undefined) return;
    let left = result;
    let bounced = 0;
    for (const { view, length, arena } of this.#vectors) {
      const filled = Math.min(left, length);
      if (arena === undefined) {
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

/** Writes 64 bits without the detour of a BigInt. */
function writeWord(bytes: Buffer, value: number, at: number): void {
  bytes.writeUInt32LE(value % TWO_TO_32, at);
  bytes.writeUInt32LE(Math.floor(value / TWO_TO_32), at + 4);
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
function endUse(pool: Pool, block: Block): void {
  block.users -= 1;
  if (!block.lent && block.users === 0) pool.give(block);
}

function copyIn(block: Block, at: number, view: ArrayBufferView, length: number): void {
  const { buffer, byteOffset } = view;
  const bytes = canGrowNow(buffer) ? new Uint8Array(buffer, byteOffset, length) : bytesOf(view, length);
  set.call(block.arena.bytes, bytes, block.offset + at);
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

/** Another thread may grow it between two looks at its length. */
function canGrowNow(buffer: ArrayBufferLike): boolean {
  return 'growable' in buffer && buffer.growable === true;
}

/** The arena that a view shows lent memory of. What is empty is nobody's. */
function arenaOf(pool: Pool, view: ArrayBufferView, length: number): Arena | undefined {
  return length === 0 ? undefined : pool.arenaOf(view.buffer);
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
