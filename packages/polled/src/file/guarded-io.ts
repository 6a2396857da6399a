import { disposedError, type RawFd } from '@polyring/core';
import { disown } from '@polyring/sys';
import type { CallOptions } from '../transfer/call-options.js';
import type { RangeOptions } from '../transfer/range.js';
import type { FileIo } from './file-io.js';
import type { FileStats } from './file-stats.js';

/**
 * The I/O of a file for as long as the file has its descriptor. A call that takes several transfers asks here for each
 * of them, so that none is started on a number that may be another file's by then.
 */
export class GuardedIo implements FileIo {
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

  read(buffer: ArrayBufferView, position: number, options?: CallOptions): Promise<number> {
    this.check();
    return this.#io.read(buffer, position, options);
  }

  write(buffer: ArrayBufferView, position: number, options?: CallOptions): Promise<number> {
    this.check();
    return this.#io.write(buffer, position, options);
  }

  readv(buffers: readonly ArrayBufferView[], position: number, options?: CallOptions): Promise<number> {
    this.check();
    return this.#io.readv(buffers, position, options);
  }

  writev(buffers: readonly ArrayBufferView[], position: number, options?: CallOptions): Promise<number> {
    this.check();
    return this.#io.writev(buffers, position, options);
  }

  append(buffer: ArrayBufferView, options?: CallOptions): Promise<number> {
    this.check();
    return this.#io.append(buffer, options);
  }

  /**
   * Writes everything to a stream, as one call.
   *
   * @returns undefined where there are positions
   */
  writeStream(buffer: ArrayBufferView, options?: RangeOptions): Promise<number> | undefined {
    this.check();
    return this.#io.writeAll?.(buffer, options);
  }

  sync(dataOnly: boolean, options?: CallOptions): Promise<void> {
    this.check();
    return this.#io.sync(dataOnly, options);
  }

  truncate(length: number, options?: CallOptions): Promise<void> {
    this.check();
    return this.#io.truncate(length, options);
  }

  allocate(mode: number, offset: number, length: number, options?: CallOptions): Promise<void> {
    this.check();
    return this.#io.allocate(mode, offset, length, options);
  }

  stat(options?: CallOptions): Promise<FileStats> {
    this.check();
    return this.#io.stat(options);
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
