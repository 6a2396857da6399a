import { closeSync, openSync, readSync } from 'node:fs';
import { BLOCK_SIZE, BlockBuffer } from '../../block-file.js';

/** What a contestant that writes and syncs is told. */
export interface SyncWriteOptions {
  /** One file a writer, each of as many blocks. */
  readonly paths: readonly string[];
  readonly blocks: number;
}

/** One writer's file: what it wrote into each block last, to be read back at the end. */
export class Writer {
  readonly path: string;
  readonly #numbers: Uint32Array;
  #next = 0;

  constructor(path: string, blocks: number) {
    this.path = path;
    this.#numbers = new Uint32Array(blocks);
  }

  /** Fills the buffer with something new. Where it belongs, in bytes. */
  fill(buffer: Buffer): number {
    const index = this.#next % this.#numbers.length;
    this.#next += 1;
    this.#numbers[index] = this.#next;
    new BlockBuffer(buffer).fill(this.#next);
    return index * BLOCK_SIZE;
  }

  /** How many of the blocks that were written do not hold what was written. */
  countWrong(): number {
    const fd = openSync(this.path, 'r');
    const found = Buffer.alloc(BLOCK_SIZE);
    const expected = new BlockBuffer(Buffer.alloc(BLOCK_SIZE));
    let wrong = 0;
    for (const [index, number] of this.#numbers.entries()) {
      if (number === 0) continue;
      expected.fill(number);
      const length = readSync(fd, found, 0, BLOCK_SIZE, index * BLOCK_SIZE);
      if (length !== BLOCK_SIZE || !found.equals(expected.bytes)) wrong += 1;
    }
    closeSync(fd);
    return wrong;
  }
}
