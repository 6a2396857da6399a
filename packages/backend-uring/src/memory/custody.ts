import {
  byteOffsetOf,
  type Entry,
  IORING_OP_READ,
  IORING_OP_READ_FIXED,
  IORING_OP_RECV,
  IORING_OP_WRITE,
  IORING_OP_WRITE_FIXED,
  MemoryAccess,
} from '@polyring/core';
import type { Operation } from '../engine/operation.js';
import { AttachmentCustody } from './attachments.js';
import type { Block } from './block.js';
import { arenaOf, beginUse, copyOut, detachedError, endUse, lengthOfLive, takeBounce } from './bounce.js';
import type { CustodyMemory } from './custody-memory.js';
import { VectorCustody } from './vectors.js';

/** Operations whose result is how many bytes the kernel wrote from the start of their memory. */
const RESULT_IS_LENGTH = new Set([IORING_OP_READ, IORING_OP_READ_FIXED, IORING_OP_RECV]);

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
  #bounce: Block | undefined;
  #lent: Block | undefined;
  #view: ArrayBufferView | undefined;
  #length = 0;
  #vectors: VectorCustody | undefined;
  #attached: AttachmentCustody | undefined;
  #copiesResultOnly = true;

  constructor(memory: CustodyMemory) {
    this.#memory = memory;
  }

  /** Whether an entry has memory that somebody has to keep. */
  static isFor({ buffer, vectors, attached }: Entry): boolean {
    return (buffer ?? vectors ?? attached) !== undefined;
  }

  /**
   * Takes an entry's memory, and tells the operation where it is. Throws, and holds nothing then, if it cannot.
   *
   * @throws ERR_POLYRING_DETACHED, ERR_POLYRING_RELEASED, ERR_POLYRING_POOL_EXHAUSTED, and what registering throws
   */
  take(entry: Entry, operation: Operation): void {
    const { buffer, opcode } = entry;
    operation.otherOpcode = 0;
    operation.bufIndex = entry.bufIndex;
    operation.addresses = undefined;
    if (buffer === undefined) {
      this.#takeRare(entry, operation);
      return;
    }
    this.#takeBuffer(entry, buffer, operation);
    if (opcode === IORING_OP_READ_FIXED || opcode === IORING_OP_WRITE_FIXED) this.#register(operation);
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
    const attached = this.#attached;
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
    } else if (attached !== undefined) {
      this.#attached = undefined;
      attached.finish(result);
    }
  }

  /** What is no buffer. */
  #takeRare(entry: Entry, operation: Operation): void {
    const { vectors, attached, access } = entry;
    operation.address = entry.addr;
    if (vectors !== undefined) {
      this.#vectors = new VectorCustody(this.#memory, vectors, { access, oneArena: false, resultIsLength: true });
      operation.address = this.#vectors.address;
    } else if (attached !== undefined) {
      this.#attached = new AttachmentCustody(this.#memory, attached);
      operation.addresses = this.#attached;
      operation.bufIndex = this.#attached.bufIndex ?? entry.bufIndex;
    }
  }

  #takeBuffer(entry: Entry, view: ArrayBufferView, operation: Operation): void {
    const { pool } = this.#memory;
    const shown = pool.blockOf(view);
    if (shown !== undefined && entry.len <= shown.size) {
      operation.address = shown.address;
      this.#lend(entry, shown.lent ? shown : undefined, operation);
      return;
    }
    const length = lengthOfLive(view);
    if (length < entry.len) throw detachedError();
    const arena = arenaOf(pool, view, length);
    if (arena !== undefined) {
      const byteOffset = byteOffsetOf(view);
      operation.address = arena.address + byteOffset;
      this.#lend(entry, pool.lentBlock(view, arena, byteOffset, length), operation);
      return;
    }
    const resultIsLength = RESULT_IS_LENGTH.has(entry.opcode);
    const bounce = takeBounce(pool, view, length, entry.access === MemoryAccess.KernelReads || !resultIsLength);
    this.#bounce = bounce;
    this.#view = entry.access === MemoryAccess.KernelWrites ? view : undefined;
    this.#length = length;
    this.#copiesResultOnly = resultIsLength;
    operation.address = bounce.address;
    this.#preferRegistered(entry, bounce, operation);
  }

  #lend(entry: Entry, block: Block | undefined, operation: Operation): void {
    const lent = beginUse(block);
    this.#lent = lent;
    this.#preferRegistered(entry, lent, operation);
  }

  /**
   * Reads and writes of a file at a place are done in the form for registered memory, where the arena is registered. Not
   * those with RWF_* bits: the kernel takes atomic writes (RWF_ATOMIC) from a process's own memory only.
   */
  #preferRegistered({ opcode, off, opFlags }: Entry, { arena }: Block, operation: Operation): void {
    if ((opcode !== IORING_OP_READ && opcode !== IORING_OP_WRITE) || off === -1 || opFlags !== 0) return;
    const index = this.#memory.fixed.indexIfWorth(arena);
    if (index === undefined) return;
    operation.otherOpcode = opcode === IORING_OP_READ ? IORING_OP_READ_FIXED : IORING_OP_WRITE_FIXED;
    operation.bufIndex = index;
  }

  #register(operation: Operation): void {
    const { arena } = (this.#bounce ?? this.#lent) as Block;
    try {
      operation.bufIndex = this.#memory.fixed.indexOf(arena, operation.address);
    } catch (error) {
      this.finish(-1);
      throw error;
    }
  }

  #copyBack(bounce: Block, view: ArrayBufferView, result: number): void {
    copyOut(bounce, 0, view, this.#copiesResultOnly ? Math.min(result, this.#length) : this.#length);
  }
}
