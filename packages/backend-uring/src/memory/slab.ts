import { type Arena, SPAN_SIZE } from './arena.js';
import { Block } from './block.js';

/** One span cut into blocks of one size. */
export class Slab {
  readonly arena: Arena;
  readonly span: number;
  readonly blocks: readonly Block[];
  readonly free: Block[];
  /** The slabs of the same block size that have a free block. */
  readonly partial: Slab[];

  constructor(arena: Arena, span: number, blockSize: number, partial: Slab[]) {
    this.arena = arena;
    this.partial = partial;
    this.span = span;
    const start = span * SPAN_SIZE;
    this.blocks = Array.from(
      { length: SPAN_SIZE / blockSize },
      (_, index) => new Block(arena, start + index * blockSize, blockSize, this),
    );
    this.free = [...this.blocks].reverse();
  }

  get unused(): boolean {
    return this.free.length === this.blocks.length;
  }
}
