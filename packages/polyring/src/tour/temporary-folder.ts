import { mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** How the names of the tour's folders begin. */
export const FOLDER_PREFIX = 'polyring-tour-';

/**
 * A new folder below the system's one for temporary files (`TMPDIR`). It is removed by {@link remove},
 * or when the process exits through JavaScript: by `process.exit()` in a signal's handler, or by an uncaught exception.
 */
export class TemporaryFolder {
  readonly path: string;
  readonly #removeAtExit = (): void => this.remove();

  /**
   * @param room bytes that must be free
   * @throws an Error that says what to do if there is less room or no such folder; EACCES, EROFS and the like if
   * none can be made in it
   */
  constructor(room: number) {
    const parent = tmpdir();
    requireRoom(freeBytes(parent), room, parent);
    this.path = mkdtempSync(join(parent, FOLDER_PREFIX));
    process.once('exit', this.#removeAtExit);
  }

  /** Removes the folder and all that is in it. Removing twice is no error. */
  remove(): void {
    process.off('exit', this.#removeAtExit);
    rmSync(this.path, { recursive: true, force: true });
  }
}

function freeBytes(folder: string): number {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`There is no usable folder for temporary files: ${reason}. Point TMPDIR to one.`, { cause });
  }
}

function requireRoom(free: number, room: number, folder: string): void {
  if (free >= room) return;
  throw new Error(
    `${folder} has ${mebibytes(free)} free and the tour needs ${mebibytes(room)}. ` +
      'Free some, point TMPDIR to a folder with more, or give a smaller --size.',
  );
}

function mebibytes(bytes: number): string {
  return `${Math.floor(bytes / 2 ** 20).toLocaleString('en-US')} MiB`;
}
