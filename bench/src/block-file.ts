import { closeSync, fsyncSync, openSync, readSync, writeSync } from 'node:fs';

/** Bytes of one read or write. */
export const BLOCK_SIZE = 4096;

const WORDS = BLOCK_SIZE / 4;
const CHUNK_BLOCKS = 256;
/** One block in so many is compared byte by byte; of the others the first and the last word are. */
const WHOLE_EVERY = 64;

/** Fills a block with what belongs into it: words that start with its number. */
export function fillBlock(buffer: Buffer, block: number): void {
  const words = new Uint32Array(buffer.buffer, buffer.byteOffset, WORDS);
  for (let i = 0; i < WORDS; i += 1) words[i] = block + i;
}

/** Makes a file in which each block begins with its own number, on the disk and in the page cache. */
export function makeBlockFile(path: string, blocks: number): void {
  const fd = openSync(path, 'w');
  const chunk = Buffer.alloc(CHUNK_BLOCKS * BLOCK_SIZE);
  for (let first = 0; first < blocks; first += CHUNK_BLOCKS) {
    for (let i = 0; i < CHUNK_BLOCKS; i += 1) fillBlock(chunk.subarray(i * BLOCK_SIZE), first + i);
    writeSync(fd, chunk);
  }
  fsyncSync(fd);
  closeSync(fd);
}

/** Brings a whole file into the page cache, which the machine may have taken back. */
export function warmFile(path: string): void {
  const fd = openSync(path, 'r');
  const chunk = Buffer.alloc(CHUNK_BLOCKS * BLOCK_SIZE);
  for (let position = 0; readSync(fd, chunk, 0, chunk.length, position) > 0; position += chunk.length);
  closeSync(fd);
}

/** Block numbers in an order that jumps about, the same in every run. */
export class BlockOrder {
  readonly #blocks: number;
  #state = 1;

  /** @param blocks a power of two */
  constructor(blocks: number) {
    this.#blocks = blocks;
  }

  next(): number {
    this.#state = (Math.imul(this.#state, 1664525) + 1013904223) >>> 0;
    return (this.#state >>> 8) & (this.#blocks - 1);
  }
}

/** Checks what reads gave, and counts. */
export class BlockChecker {
  checked = 0;
  wrong = 0;
  readonly #expected = Buffer.alloc(BLOCK_SIZE);

  check(buffer: Buffer, length: number, block: number): void {
    this.checked += 1;
    const good =
      length === BLOCK_SIZE &&
      buffer.readUInt32LE(0) === block &&
      buffer.readUInt32LE(BLOCK_SIZE - 4) === block + WORDS - 1 &&
      (this.checked % WHOLE_EVERY !== 0 || this.#isWhole(buffer, block));
    if (!good) this.wrong += 1;
  }

  #isWhole(buffer: Buffer, block: number): boolean {
    fillBlock(this.#expected, block);
    return buffer.equals(this.#expected);
  }
}
