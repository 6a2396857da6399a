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
  /** The names of files that were made since the last call, at least one. */
  names(): Promise<readonly string[]>;
  /** Ends the watch. */
  close(): void;
}

/**
 * Makes files in a watched folder, each when the one before it was reported. Closes the watch.
 *
 * @param progress is told the files that were reported so far
 * @throws VerificationError for a wrong name, or for more than one
 */
export async function countCreations(
  watch: FolderWatch,
  folder: string,
  progress: (files: number) => void,
): Promise<Side> {
  const { by } = watch;
  try {
    const started = performance.now();
    for (let number = 1; number <= FILES; number += 1) {
      const name = `${number}.new`;
      const [names] = await Promise.all([watch.names(), makeInNextTurn(join(folder, name))]);
      verify(
        names.length === 1 && names[0] === name,
        `By ${by}, the new file ${name} was reported as ${names.join(', ')}.`,
      );
      if (number % 50 === 0) progress(number);
    }
    return { by, measures: rate(FILES, (performance.now() - started) / 1e3) };
  } finally {
    watch.close();
  }
}

/** Makes a file when whoever watches has begun to wait. */
async function makeInNextTurn(path: string): Promise<void> {
  await setImmediate();
  closeSync(openSync(path, 'wx', 0o600));
}
