import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { rate } from '../../measures.js';
import { type Side, verify } from '../../step.js';

/** Files made on each side. */
export const FILES = 500;

/** What watches a folder for new files. */
export interface FolderWatch {
  /** What watches, such as `fs.watch`. */
  readonly by: string;
  /** The name of the next new file. */
  next(): Promise<string>;
  /** Ends the watch. */
  close(): void;
}

/**
 * Makes files in a watched folder, each when the one before it was reported. Closes the watch.
 *
 * @param progress is told the files that were reported so far
 * @throws VerificationError for a wrong name, and for one that is reported twice
 */
export async function countCreations(
  watch: FolderWatch,
  folder: string,
  progress: (files: number) => void,
): Promise<Side> {
  const { by } = watch;
  const create = async (name: string): Promise<void> => {
    const [reported] = await Promise.all([watch.next(), makeInNextTurn(join(folder, name))]);
    verify(reported === name, `By ${by}, the new file ${name} was reported as ${reported}.`);
  };
  try {
    const started = performance.now();
    for (let number = 1; number <= FILES; number += 1) {
      await create(`${number}.new`);
      if (number % 50 === 0) progress(number);
    }
    const seconds = (performance.now() - started) / 1e3;
    // Where the last of them was reported twice, it stands in the place of this one.
    await create('one-more.new');
    return { by, measures: rate(FILES, seconds) };
  } finally {
    watch.close();
  }
}

/** Makes a file when whoever watches has begun to wait. */
async function makeInNextTurn(path: string): Promise<void> {
  await setImmediate();
  closeSync(openSync(path, 'wx', 0o600));
}
