import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Bytes of one read. */
export const BLOCK_SIZE = 4096;

const CHUNK_BLOCKS = 256;

/** A file in which each block begins with its own number, so that every read can be checked. */
export class BlockFile implements Disposable {
  readonly path: string;
  readonly fd: number;
  readonly blocks: number;
  readonly #directory: string;

  constructor(blocks: number) {
    this.blocks = blocks;
    this.#directory = mkdtempSync(join(tmpdir(), 'polyring-bench-'));
    this.path = join(this.#directory, 'blocks');
    const writing = openSync(this.path, 'w');
    const chunk = Buffer.alloc(CHUNK_BLOCKS * BLOCK_SIZE);
    for (let first = 0; first < blocks; first += CHUNK_BLOCKS) {
      for (let i = 0; i < CHUNK_BLOCKS; i += 1) chunk.writeUInt32LE(first + i, i * BLOCK_SIZE);
      writeSync(writing, chunk);
    }
    closeSync(writing);
    this.fd = openSync(this.path, 'r');
  }

  /** Brings the whole file into the page cache, which the machine may have taken back. */
  warm(): void {
    const chunk = Buffer.alloc(CHUNK_BLOCKS * BLOCK_SIZE);
    for (let position = 0; readSync(this.fd, chunk, 0, chunk.length, position) > 0; position += chunk.length);
  }

  [Symbol.dispose](): void {
    closeSync(this.fd);
    rmSync(this.#directory, { recursive: true });
  }
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

/** Throws unless a buffer holds the block that was asked for. */
export function checkBlock(buffer: Buffer, length: number, block: number): void {
  if (length !== BLOCK_SIZE || buffer.readUInt32LE(0) !== block) {
    throw new Error(`A read of block ${block} gave ${length} bytes of block ${buffer.readUInt32LE(0)}`);
  }
}
