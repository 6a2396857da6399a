import { type AllocateOptions, alignOf, checkInteger, type DriverMemory, LARGEST_LOAN } from '@polyring/core';
import type { Block } from './block.js';
import type { Pool } from './pool.js';

/** A block of the pool in the hands of the driver's user. */
export class LentMemory implements DriverMemory {
  readonly bytes: Buffer;
  readonly #pool: Pool;
  #block: Block | undefined;

  constructor(pool: Pool, block: Block, byteLength: number) {
    this.#pool = pool;
    this.#block = block;
    pool.lend(block);
    this.bytes = block.arena.bytes.subarray(block.offset, block.offset + byteLength).fill(0);
    pool.show(block, this.bytes);
  }

  release(): void {
    const block = this.#block;
    if (block === undefined) return;
    this.#block = undefined;
    this.#pool.hide(this.bytes);
    this.#pool.unlend(block);
  }

  [Symbol.dispose](): void {
    this.release();
  }
}

/** The least size of a block for a loan: blocks are aligned to their size, up to a page. Throws for what cannot be lent. */
export function loanSize(byteLength: number, options: AllocateOptions | undefined): number {
  checkInteger(byteLength, 'byteLength', 1, LARGEST_LOAN);
  return Math.max(byteLength, alignOf(1, options));
}
