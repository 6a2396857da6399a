import { checkInteger, type DriverMemory } from '@polyring/core';
import type { Block } from './block.js';
import { endUse } from './custody.js';
import type { Pool } from './pool.js';

const LARGEST_LOAN = 2 ** 31;

/** A block of the pool in the hands of the driver's user. */
export class LentMemory implements DriverMemory {
  readonly bytes: Buffer;
  readonly #pool: Pool;
  #block: Block | undefined;

  constructor(pool: Pool, block: Block, byteLength: number) {
    this.#pool = pool;
    this.#block = block;
    block.lent = true;
    this.bytes = block.arena.bytes.subarray(block.offset, block.offset + byteLength).fill(0);
  }

  release(): void {
    const block = this.#block;
    if (block === undefined) return;
    this.#block = undefined;
    block.lent = false;
    // Released counts as the end of a use, so that memory nobody uses goes back at once.
    block.users += 1;
    endUse(this.#pool, block);
  }

  [Symbol.dispose](): void {
    this.release();
  }
}

/** Throws unless `byteLength` is a size that can be lent. */
export function checkLoan(byteLength: unknown): asserts byteLength is number {
  checkInteger(byteLength, 'byteLength', 1, LARGEST_LOAN);
}
