import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeBlockFile, warmFile } from './block-file.js';

/** How much is done. */
export interface Effort {
  /** Rounds in which every rival is measured. */
  readonly rounds: number;
  /** Milliseconds for which a process is measured in vain, while its code is compiled. */
  readonly warming: number;
  /** Length of one measurement. */
  readonly milliseconds: number;
  /** Blocks of the file that is read; a power of two. */
  readonly blocks: number;
}

/** Where rivals find what they need. Everything in it goes when the run ends, however it does. */
export class Workshop implements Disposable {
  readonly milliseconds: number;
  readonly blocks: number;
  readonly #folder = mkdtempSync(join(tmpdir(), 'polyring-bench-'));
  readonly #clear = (): void => rmSync(this.#folder, { recursive: true, force: true });
  #blockFile: string | undefined;

  constructor({ milliseconds, blocks }: Effort) {
    this.milliseconds = milliseconds;
    this.blocks = blocks;
    process.once('exit', this.#clear);
  }

  /** A path of this name in a folder of the run's own. */
  path(name: string): string {
    return join(this.#folder, name);
  }

  /** The file of blocks that all reads share. */
  get blockFile(): string {
    if (this.#blockFile === undefined) {
      const path = this.path('blocks');
      try {
        makeBlockFile(path, this.blocks);
      } catch (error) {
        rmSync(path, { force: true });
        throw error;
      }
      this.#blockFile = path;
    }
    return this.#blockFile;
  }

  /** Sees to it that {@link blockFile} is in the page cache. */
  warm(): void {
    warmFile(this.blockFile);
  }

  [Symbol.dispose](): void {
    process.off('exit', this.#clear);
    this.#clear();
  }
}
