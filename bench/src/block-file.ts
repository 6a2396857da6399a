import { closeSync, fsyncSync, openSync, readSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** Bytes of one read or write. */
export const BLOCK_SIZE = 4096;

const WORDS = BLOCK_SIZE / 4;
const CHUNK_BLOCKS = 256;
/** One block in so many is compared byte by byte; of the others the first and the last word are. A power of two. */
const WHOLE_EVERY = 256;

/** Room for one block, and its words: to read those costs nothing beside a read of a file, unlike `readUInt32LE`. */
export class BlockBuffer {
  readonly bytes: Buffer;
  readonly words: Uint32Array;

  /** @param bytes of {@link BLOCK_SIZE} */
  constructor(bytes: Buffer) {
    this.bytes = bytes;
    this.words = new Uint32Array(bytes.buffer, bytes.byteOffset, WORDS);
  }

  /** Fills it with what belongs into a block: words that start with its number. */
  fill(block: number): void {
    for (let i = 0; i < WORDS; i += 1) this.words[i] = block + i;
  }
}

/**
 * Makes a file in which each block begins with its own number, on the disk and in the page cache.
 *
 * @throws an error that says how much room it needs, and who chooses where
 */
export function makeBlockFile(path: string, blocks: number): void {
  try {
    writeBlocks(path, blocks);
  } catch (error) {
    const [size, why] = [(blocks * BLOCK_SIZE) / 2 ** 20, (error as Error).message];
    throw new Error(`${dirname(path)} needs room for a file of ${size} MiB; TMPDIR chooses another place: ${why}`);
  }
}

function writeBlocks(path: string, blocks: number): void {
  const fd = openSync(path, 'w');
  try {
    const chunk = Buffer.alloc(CHUNK_BLOCKS * BLOCK_SIZE);
    for (let first = 0; first < blocks; first += CHUNK_BLOCKS) {
      for (let i = 0; i < CHUNK_BLOCKS; i += 1) new BlockBuffer(chunk.subarray(i * BLOCK_SIZE)).fill(first + i);
      writeFileSync(fd, chunk);
    }
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
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
  wrong = 0;
  #checked = 0;
  readonly #expected = new BlockBuffer(Buffer.alloc(BLOCK_SIZE));

  check(buffer: BlockBuffer, length: number, block: number): void {
    const { words } = buffer;
    this.#checked += 1;
    const good =
      length === BLOCK_SIZE &&
      words[0] === block &&
      words[WORDS - 1] === block + WORDS - 1 &&
      ((this.#checked & (WHOLE_EVERY - 1)) !== 0 || this.#isWhole(buffer, block));
    if (!good) this.wrong += 1;
  }

  #isWhole({ bytes }: BlockBuffer, block: number): boolean {
    this.#expected.fill(block);
    return bytes.equals(this.#expected.bytes);
  }
}
