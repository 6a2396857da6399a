import { disposedError, type RawFd } from '@polyring/core';
import { disown } from '@polyring/sys';
import type { FileIo } from './file-io.js';

/**
 * The I/O of a file for as long as the file has its descriptor. A call that takes several transfers asks here for each
 * of them, so that none is started on a number that may be another file's by then.
 */
export class GuardedIo {
  readonly fd: RawFd;
  readonly seekable: boolean;
  readonly #io: FileIo;
  #ended = false;
  /** Made when somebody is to be told of the end. */
  #listeners: Set<(error: unknown) => void> | undefined;

  constructor(io: FileIo) {
    this.#io = io;
    this.fd = io.fd;
    this.seekable = io.seekable;
  }

  /** Whether the file was closed, or gave its descriptor away. */
  get ended(): boolean {
    return this.#ended;
  }

  /** @throws ERR_POLYRING_DISPOSED */
  check(): void {
    if (this.#ended) throw disposedError('file');
  }

  /**
   * Does one transfer. Who keeps this over an `await` may start one on a number that is another file's.
   *
   * @throws ERR_POLYRING_DISPOSED
   */
  get io(): FileIo {
    this.check();
    return this.#io;
  }

  /**
   * Calls back at the end of the file, with the error that its calls have from then on.
   *
   * @returns takes it back
   */
  onEnd(ended: (error: unknown) => void): () => void {
    this.#listeners ??= new Set();
    const listeners = this.#listeners;
    listeners.add(ended);
    return () => listeners.delete(ended);
  }

  close(): Promise<void> {
    this.#end();
    return this.#io.close();
  }

  release(): void {
    this.#end();
    disown(this.fd);
    this.#io.release();
  }

  #end(): void {
    this.#ended = true;
    const listeners = this.#listeners ?? [];
    this.#listeners = undefined;
    for (const ended of listeners) ended(disposedError('file'));
  }
}
