import type { Arena } from './arena.js';
import type { Slab } from './slab.js';

/** What says of a block who has it. */
export interface BlockUse {
  /** Whether it is lent to the driver's user. */
  readonly lent: boolean;
  /** How many operations in flight use it while it is lent. */
  users: number;
}

/** Where a block goes that nobody uses any more, other than back to its pool. */
export interface BlockHome extends BlockUse {
  give(block: Block): void;
}

/** A piece of an arena that is in one hand at a time: an operation's, or the driver's user's. */
export class Block implements BlockUse {
  readonly arena: Arena;
  /** Bytes from the arena's start. */
  readonly offset: number;
  readonly size: number;
  /** The slab it belongs to; undefined for a block of whole spans. */
  readonly slab: Slab | undefined;
  lent = false;
  users = 0;
  /** Where it goes when nobody uses it, and who has it meanwhile; undefined for the pool and the block itself. */
  home: BlockHome | undefined;
  #view: Uint8Array | undefined;

  constructor(arena: Arena, offset: number, size: number, slab: Slab | undefined) {
    this.arena = arena;
    this.offset = offset;
    this.size = size;
    this.slab = slab;
  }

  /** Who has it. */
  get use(): BlockUse {
    return this.home ?? this;
  }

  /** Where the kernel finds it. Not kept: for the engine a number of that size is an object of its own. */
  get address(): number {
    return this.arena.address + this.offset;
  }

  /** The first bytes of the block. The same view is given again while the same length is asked for. */
  first(length: number): Uint8Array {
    let view = this.#view;
    if (view?.length !== length) {
      view = new Uint8Array(this.arena.bytes.buffer, this.offset, length);
      this.#view = view;
    }
    return view;
  }
}
