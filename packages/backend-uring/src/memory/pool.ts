import { PolyringError, systemError } from '@polyring/core';
import { type Arena, SPAN_SIZE } from './arena.js';
import { Block } from './block.js';
import { Slab } from './slab.js';

/** Sizes of the blocks of slabs, in bytes. From the page size up they are aligned to a page. */
const CLASSES = [64, 512, 4096, 16384, 32768] as const;
const LARGEST_USUAL_ARENA_SPANS = 1024;

/** How a pool gets its memory. */
export interface PoolOptions {
  /** Makes an arena of a number of spans, or a negative error number. */
  readonly makeArena: (spanCount: number) => Arena | number;
  /** Spans of the first arena; each further one has twice as many. A power of two. */
  readonly firstSpans: number;
  /** The most bytes of all arenas together. */
  readonly limit: number;
}

/** Slabs of one block size that have a free block. */
interface SizeClass {
  readonly size: number;
  readonly partial: Slab[];
}

/**
 * The memory that the kernel may touch: arenas, cut into blocks. It grows by a further arena
 * when it is full, up to a limit, and never gives an arena back before the driver ends.
 */
export class Pool {
  readonly #options: PoolOptions;
  readonly #arenas: Arena[] = [];
  readonly #classes: readonly SizeClass[] = CLASSES.map((size) => ({ size, partial: [] }));
  #capacity = 0;

  constructor(options: PoolOptions) {
    this.#options = options;
  }

  /** Bytes of all arenas. */
  get capacity(): number {
    return this.#capacity;
  }

  /**
   * Takes a block of at least `size` bytes. What stands in it is unspecified.
   *
   * @throws ERR_POLYRING_POOL_EXHAUSTED; the system error of a refused mapping
   */
  take(size: number): Block {
    for (const sizeClass of this.#classes) {
      if (size <= sizeClass.size) return this.#takeFromSlab(sizeClass);
    }
    return this.#takeSpans(orderOf(Math.ceil(size / SPAN_SIZE)));
  }

  /** Gives a block back. */
  give(block: Block): void {
    const { arena, slab } = block;
    if (slab === undefined) {
      const first = block.offset / SPAN_SIZE;
      arena.owners.fill(undefined, first, first + block.size / SPAN_SIZE);
      arena.spans.give(first, orderOf(block.size / SPAN_SIZE));
      return;
    }
    slab.free.push(block);
    const { partial } = slab;
    if (slab.free.length === 1) partial.push(slab);
    if (slab.unused && partial.length > 1) {
      partial.splice(partial.indexOf(slab), 1);
      arena.owners[slab.span] = undefined;
      arena.spans.give(slab.span, 0);
    }
  }

  /** The arena whose memory a buffer is, if it is the pool's. */
  arenaOf(buffer: ArrayBufferLike): Arena | undefined {
    for (const arena of this.#arenas) {
      if (arena.bytes.buffer === buffer) return arena;
    }
    return undefined;
  }

  /** The lent block that holds `length` bytes at `offset` of an arena; undefined if it is not, or no longer, lent. */
  lentBlock(arena: Arena, offset: number, length: number): Block | undefined {
    const owner = arena.owners[Math.floor(offset / SPAN_SIZE)];
    const block =
      owner instanceof Slab ? owner.blocks[Math.floor((offset % SPAN_SIZE) / (owner.blocks[0] as Block).size)] : owner;
    if (block === undefined || !block.lent || offset + length > block.offset + block.size) return undefined;
    return block;
  }

  #takeFromSlab(sizeClass: SizeClass): Block {
    const { partial, size } = sizeClass;
    let slab = partial.at(-1);
    if (slab === undefined) {
      const { arena, first } = this.#spans(0);
      slab = new Slab(arena, first, size, partial);
      arena.owners[first] = slab;
      partial.push(slab);
    }
    const block = slab.free.pop() as Block;
    if (slab.free.length === 0) partial.pop();
    return block;
  }

  #takeSpans(order: number): Block {
    const { arena, first } = this.#spans(order);
    const block = new Block(arena, first * SPAN_SIZE, 2 ** order * SPAN_SIZE, undefined);
    arena.owners.fill(block, first, first + 2 ** order);
    return block;
  }

  #spans(order: number): { arena: Arena; first: number } {
    for (const arena of this.#arenas) {
      const first = arena.spans.take(order);
      if (first !== undefined) return { arena, first };
    }
    const arena = this.#grow(order);
    return { arena, first: arena.spans.take(order) as number };
  }

  #grow(order: number): Arena {
    const { makeArena, firstSpans, limit } = this.#options;
    const usual = Math.min(firstSpans * 2 ** this.#arenas.length, LARGEST_USUAL_ARENA_SPANS);
    const room = Math.floor((limit - this.#capacity) / SPAN_SIZE);
    const spanCount = Math.max(2 ** order, Math.min(usual, 2 ** Math.floor(Math.log2(Math.max(room, 1)))));
    if (spanCount > room) {
      throw new PolyringError(
        'ERR_POLYRING_POOL_EXHAUSTED',
        `The driver's memory pool holds ${this.#capacity} bytes and may not grow by ${spanCount * SPAN_SIZE} beyond its ` +
          `limit of ${limit}. Keep fewer operations in flight, release memory, or raise the option "poolLimit".`,
      );
    }
    const arena = makeArena(spanCount);
    if (typeof arena === 'number') throw systemError(arena, 'mmap');
    this.#arenas.push(arena);
    this.#capacity += spanCount * SPAN_SIZE;
    return arena;
  }
}

function orderOf(spanCount: number): number {
  return Math.ceil(Math.log2(spanCount));
}
