import {
  closeSync,
  constants,
  existsSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';

const { O_APPEND, O_CREAT, O_NONBLOCK, O_WRONLY } = constants;

/** The file that a path leads to, or would. */
export function fileAt(path: string): string {
  return existsSync(path) ? realpathSync(path) : join(realpathSync(dirname(path)), basename(path));
}

/**
 * Refuses a file that could not be written after a run. What it holds stays.
 *
 * @throws the error of the attempt
 */
export function checkWritable(path: string): void {
  const wasThere = existsSync(path);
  // Without O_NONBLOCK a named pipe that nobody reads would hold everything up.
  closeSync(openSync(path, O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK));
  const file = fileAt(path);
  const replaced = statSync(file).isFile();
  if (!wasThere) rmSync(file);
  if (!replaced) return;
  closeSync(openSync(freshOf(file), O_WRONLY | O_CREAT));
  rmSync(freshOf(file));
}

/** Writes a file as a whole or not at all; to a pipe or a device as far as that goes. */
export function replaceFile(path: string, text: string): void {
  const file = fileAt(path);
  const before = statSync(file, { throwIfNoEntry: false });
  if (before?.isFile() === false) {
    writeFileSync(file, text);
    return;
  }
  const fresh = freshOf(file);
  try {
    writeFileSync(fresh, text, { mode: before?.mode ?? 0o666 });
    renameSync(fresh, file);
  } catch (error) {
    rmSync(fresh, { force: true });
    throw error;
  }
}

/** Where the new content of a file waits until it is whole. */
function freshOf(file: string): string {
  return `${file}.${process.pid}`;
}
