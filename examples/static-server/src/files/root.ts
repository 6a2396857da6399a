import { constants, readlinkSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { type Driver, PolledFile } from 'polyring';
import { HttpError } from '../http/http-error.js';

/** The status that stands for a failure to open a file. */
const STATUS_OF: Readonly<Record<string, number>> = {
  ENOENT: 404,
  ENOTDIR: 404,
  ENAMETOOLONG: 404,
  ELOOP: 404,
  ENXIO: 403,
  EACCES: 403,
  EPERM: 403,
  EMFILE: 503,
  ENFILE: 503,
};

/** The directory whose files are served. */
export class Root {
  readonly path: string;
  readonly #driver: Driver;

  /** @throws ENOENT, ENOTDIR */
  constructor(driver: Driver, path: string) {
    this.#driver = driver;
    // The slash has a path that leads to no directory refused.
    this.path = realpathSync.native(join(path, '/'));
  }

  /**
   * Opens a file or a directory below.
   *
   * Where it really is, is asked of the descriptor: a symbolic link out of the root is refused, whenever it was made.
   *
   * @throws (rejects) HttpError 403, 404, 503
   */
  async open(names: readonly string[]): Promise<PolledFile> {
    let file: PolledFile;
    try {
      const path = join(this.path, ...names);
      file = await PolledFile.open(this.#driver, path, constants.O_RDONLY | constants.O_NONBLOCK);
    } catch (error) {
      const status = STATUS_OF[(error as NodeJS.ErrnoException).code ?? ''];
      throw status === undefined ? error : new HttpError(status);
    }
    if (this.holds(readlinkSync(`/proc/self/fd/${file.fd}`))) return file;
    await file.close();
    throw new HttpError(403);
  }

  /** Whether a path without links is the root, or leads below it. */
  holds(real: string): boolean {
    return real === this.path || real.startsWith(this.path === '/' ? '/' : `${this.path}/`);
  }
}
