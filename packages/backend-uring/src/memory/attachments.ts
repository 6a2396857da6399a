import {
  type AttachedBytes,
  type AttachedMemory,
  type AttachedStruct,
  type Attachment,
  byteLengthOf,
  byteOffsetOf,
  checkInteger,
  invalidArgType,
  invalidArgValue,
  MemoryAccess,
} from '@polyring/core';
import type { AttachedAddresses } from '../engine/operation.js';
import { writeWord } from '../kernel/word.js';
import type { Place } from './arena.js';
import type { Block } from './block.js';
import { arenaOf, beginUse, copyOut, detachedError, endUse, lengthOfLive, takeBounce } from './bounce.js';
import type { CustodyMemory } from './custody-memory.js';
import { VectorCustody } from './vectors.js';

/** One piece of memory in custody. */
interface Piece {
  /** Where the kernel finds it. */
  readonly address: number;
  /** Where its bytes begin, where they are asked for as a registered buffer. */
  readonly registered: Place | undefined;
  /** Gives it back after the terminal completion, and the caller what the kernel wrote. */
  finish(result: number): void;
}

/** What a field of 32 bits holds. */
const LONGEST = 0xffffffff;

/** Bytes of an address. */
const POINTER_SIZE = 8;

/** The result of an operation that never ran: nothing is copied back. */
const NEVER_RAN = -1;

/**
 * The memory of an operation that has more than one buffer or one list of vectors.
 *
 * It follows the same rules as every other: memory of the caller's is used in place if it is lent and bounces
 * otherwise; what holds addresses and lengths stands where no JavaScript outside the driver sees it.
 */
export class AttachmentCustody implements AttachedAddresses {
  readonly addr: number | undefined;
  readonly off: number | undefined;
  readonly addr3: number | undefined;
  /** The index of the registered buffer; undefined if none is asked for. */
  readonly bufIndex: number | undefined;
  readonly #memory: CustodyMemory;
  readonly #pieces: Piece[] = [];

  /** Throws, and holds nothing then, if it cannot take everything. */
  constructor(memory: CustodyMemory, { addr, off, addr3 }: AttachedMemory) {
    this.#memory = memory;
    try {
      this.addr = this.#take(addr);
      this.off = this.#take(off);
      this.addr3 = this.#take(addr3);
      const registered = this.#pieces.find((piece) => piece.registered !== undefined)?.registered;
      this.bufIndex = registered && memory.fixed.indexOf(registered.arena, registered.address);
    } catch (error) {
      this.finish(NEVER_RAN);
      throw error;
    }
  }

  /** Gives everything back, and keeps no buffer. Throws the first error of the pieces, after the last. */
  finish(result: number): void {
    let failure: { readonly error: unknown } | undefined;
    for (const piece of this.#pieces.splice(0)) {
      try {
        piece.finish(result);
      } catch (error) {
        failure ??= { error };
      }
    }
    if (failure !== undefined) throw failure.error;
  }

  #take(attachment: Attachment | undefined): number | undefined {
    if (attachment === undefined) return undefined;
    const piece = this.#pieceOf(attachment);
    this.#pieces.push(piece);
    return piece.address;
  }

  #pieceOf(attachment: Attachment): Piece {
    switch (attachment.kind) {
      case 'bytes':
        return new BytesPiece(this.#memory, attachment);
      case 'vectors': {
        const { views, access, registered: oneArena = false, resultIsLength = true } = attachment;
        return new VectorCustody(this.#memory, views, { access, oneArena, resultIsLength });
      }
      case 'struct': {
        const pointers = (attachment.pointers ?? []).map(({ at, to }) => ({ at, address: this.#take(to) as number }));
        return new StructPiece(this.#memory, attachment, pointers);
      }
      default:
        throw invalidArgType('attached', "of kind 'bytes', 'vectors' or 'struct'", attachment);
    }
  }
}

/** Memory of the caller's: lent memory in place, any other by a bounce. */
class BytesPiece implements Piece {
  readonly address: number;
  readonly registered: Place | undefined;
  readonly #memory: CustodyMemory;
  readonly #attached: AttachedBytes;
  readonly #length: number;
  readonly #lent: Block | undefined;
  readonly #bounce: Block | undefined;

  constructor(memory: CustodyMemory, attached: AttachedBytes) {
    const { view, length, access, resultIsLength = false, inPlaceOnly = false, registered = false } = attached;
    this.#memory = memory;
    this.#attached = attached;
    this.#length = length;
    checkInteger(length, 'attached.length', 0, LONGEST);
    const live = lengthOfLive(view);
    if (live < length) throw detachedError();
    const arena = arenaOf(memory.pool, view, length);
    let place: Place;
    if (arena !== undefined) {
      const byteOffset = byteOffsetOf(view);
      this.#lent = beginUse(memory.pool.lentBlock(view, arena, byteOffset, length));
      place = { arena, address: arena.address + byteOffset };
    } else {
      if (inPlaceOnly) throw invalidArgType('buffer', "memory of this driver's allocate()", view);
      const bounce = takeBounce(memory.pool, view, length, access === MemoryAccess.KernelReads || !resultIsLength);
      this.#bounce = bounce;
      place = bounce;
    }
    this.address = place.address;
    this.registered = registered ? place : undefined;
  }

  finish(result: number): void {
    const { pool } = this.#memory;
    const { view, access, resultIsLength = false, keeps = false } = this.#attached;
    const length = this.#length;
    if (this.#lent !== undefined) {
      if (!keeps || result < 0) endUse(pool, this.#lent);
      return;
    }
    const bounce = this.#bounce as Block;
    try {
      if (access === MemoryAccess.KernelWrites && result >= 0) {
        copyOut(bounce, 0, view, resultIsLength ? Math.min(result, length) : length);
      }
    } finally {
      pool.give(bounce);
    }
  }
}

/** Where an address stands in a struct, in bytes from its start, and which. */
interface FilledPointer {
  readonly at: number;
  readonly address: number;
}

/** What the entry's maker wrote, in memory that only the driver sees. */
class StructPiece implements Piece {
  readonly registered = undefined;
  readonly #memory: CustodyMemory;
  readonly #into: Uint8Array | undefined;
  readonly #pointers: readonly FilledPointer[];
  readonly #length: number;
  readonly #block: Block;

  constructor(memory: CustodyMemory, { bytes, into }: AttachedStruct, pointers: readonly FilledPointer[]) {
    const length = byteLengthOf(bytes);
    if (into !== undefined && byteLengthOf(into) !== length) {
      throw invalidArgValue('into', `as long as "bytes", ${length} bytes`, byteLengthOf(into));
    }
    for (const { at } of pointers) checkInteger(at, 'pointers[].at', 0, length - POINTER_SIZE);
    this.#memory = memory;
    this.#into = into;
    this.#pointers = pointers;
    this.#length = length;
    this.#block = takeBounce(memory.ownMemory, bytes, length, true);
    const { arena, offset } = this.#block;
    for (const { at, address } of pointers) writeWord(arena.bytes, offset + at, address);
  }

  get address(): number {
    return this.#block.address;
  }

  finish(result: number): void {
    const { arena, offset } = this.#block;
    try {
      if (this.#into === undefined || result < 0) return;
      for (const { at } of this.#pointers) writeWord(arena.bytes, offset + at, 0);
      copyOut(this.#block, 0, this.#into, this.#length);
    } finally {
      this.#memory.ownMemory.give(this.#block);
    }
  }
}
