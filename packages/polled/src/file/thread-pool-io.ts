import { constants, fstat, ftruncate, read, readv, type Stats, write, writev } from 'node:fs';
import {
  byteLengthOf,
  checkInteger,
  closedError,
  type Driver,
  MAXIMUM_TRANSFER,
  MAXIMUM_VECTORS,
  outOfRange,
  PolyringError,
  type RawFd,
  systemError,
} from '@polyring/core';
import { append, checkViews, closeInPool, fallocate, fcntlGetFlags, fdKind, fsync } from '@polyring/sys';
import { type CallOptions, checkCallOptions } from '../transfer/call-options.js';
import { bytesFrom } from './bytes-from.js';
import { type FileIo, OWN_POSITION } from './file-io.js';
import { FileStats } from './file-stats.js';

type Callback<T> = (error: NodeJS.ErrnoException | null, result: T) => void;

/** `fs` calls end with an error and nothing else, some of them. */
type Start<T> = (done: Callback<T>) => void;

/**
 * The I/O of a file in the thread pool of Node.js, for drivers without a ring. What has begun in a thread cannot be ended, so
 * that a signal or a time limit counts before it only.
 */
export class ThreadPoolIo implements FileIo {
  readonly fd: RawFd;
  readonly seekable = true;
  readonly #driver: Driver;
  #pending = 0;
  #idle: (() => void) | undefined;

  constructor(driver: Driver, fd: RawFd) {
    this.#driver = driver;
    this.fd = fd;
  }

  async read(buffer: ArrayBufferView, position: number, options?: CallOptions): Promise<number> {
    const into = transferred(buffer);
    const { length } = into;
    const reading = this.#fs<number>('read', options, (done) => read(this.fd, into, 0, length, own(position), done));
    return intoThere([buffer], length, reading);
  }

  async write(buffer: ArrayBufferView, position: number, options?: CallOptions): Promise<number> {
    const from = transferred(buffer);
    return this.#fs('write', options, (done) => write(this.fd, from, 0, from.length, own(position), done));
  }

  async readv(buffers: readonly ArrayBufferView[], position: number, options?: CallOptions): Promise<number> {
    const into = vectorsOf(buffers);
    const views = [...buffers];
    const length = lengthOf(into);
    const reading = this.#fs<number>('readv', options, (done) => readv(this.fd, into, own(position), done));
    return intoThere(views, length, reading);
  }

  async writev(buffers: readonly ArrayBufferView[], position: number, options?: CallOptions): Promise<number> {
    const from = vectorsOf(buffers);
    return this.#fs('writev', options, (done) => writev(this.fd, from, own(position), done));
  }

  async append(buffer: ArrayBufferView, options?: CallOptions): Promise<number> {
    if (this.#writesAtEnd()) return this.write(buffer, OWN_POSITION, options);
    const from = transferred(buffer);
    return this.#call(options, () => append(this.fd, from));
  }

  async sync(dataOnly: boolean, options?: CallOptions): Promise<void> {
    await this.#call(options, () => fsync(this.fd, { dataSync: dataOnly }));
  }

  async truncate(length: number, options?: CallOptions): Promise<void> {
    await this.#fs<void>('ftruncate', options, (done) => ftruncate(this.fd, length, done as () => void));
  }

  async allocate(mode: number, offset: number, length: number, options?: CallOptions): Promise<void> {
    await this.#call(options, () => fallocate(this.fd, mode, offset, length));
  }

  async stat(options?: CallOptions): Promise<FileStats> {
    return new FileStats(await this.#fs<Stats>('fstat', options, (done) => fstat(this.fd, done)));
  }

  /** Resolves when nothing is under way. */
  async settled(): Promise<void> {
    if (this.#pending > 0) {
      await new Promise<void>((resolve) => {
        this.#idle = resolve;
      });
    }
  }

  async close(): Promise<void> {
    await this.settled();
    // `node:fs` warns in a worker of what it has not opened itself.
    await closeInPool(this.fd);
  }

  release(): void {}

  /** Whether every write is an append: a device has no end, and some of them do not know RWF_APPEND. */
  #writesAtEnd(): boolean {
    return (fcntlGetFlags(this.fd) & constants.O_APPEND) !== 0 || fdKind(this.fd) === 'character';
  }

  /** Does a call of `node:fs`, whose errors get the names that they have on every driver. */
  #fs<T>(syscall: string, options: CallOptions | undefined, start: Start<T>): Promise<T> {
    return this.#call(
      options,
      () =>
        new Promise<T>((resolve, reject) => {
          start((error, result) => {
            if (error === null || error === undefined) resolve(result);
            else reject(systemError(error.errno ?? 0, syscall, { fd: this.fd }));
          });
        }),
    );
  }

  /** Has a close wait for what is under way, until it is over in whatever way: `node:fs` may throw instead of beginning. */
  async #call<T>(options: CallOptions | undefined, body: () => Promise<T>): Promise<T> {
    if (this.#driver.closed) throw closedError(this.#driver.name);
    if (options !== undefined) checkCallOptions(options);
    this.#pending += 1;
    try {
      return await body();
    } finally {
      this.#pending -= 1;
      if (this.#pending === 0) this.#idle?.();
    }
  }
}

/** The position as `node:fs` takes it, for which one that is no safe integer would be the file's own. */
function own(position: number): number | null {
  checkInteger(position, 'position', OWN_POSITION, Number.MAX_SAFE_INTEGER);
  return position < 0 ? null : position;
}

/** A view as `node:fs` may see it; throws unless one transfer can move it. */
function transferred(view: ArrayBufferView): Uint8Array {
  const bytes = bytesFrom(view);
  requireTransfer([bytes], 'buffer');
  return bytes;
}

/** Several views as `node:fs` may see them; throws unless one transfer can move them. */
function vectorsOf(buffers: readonly ArrayBufferView[]): Uint8Array[] {
  checkViews(buffers, 'vectors');
  if (buffers.length === 0) throw outOfRange('vectors.length', `an integer >= 1 && <= ${MAXIMUM_VECTORS}`, 0);
  const vectors = Array.from(buffers, (view) => bytesFrom(view));
  requireTransfer(vectors, 'vectors');
  return vectors;
}

function requireTransfer(parts: readonly Uint8Array[], name: string): void {
  const length = lengthOf(parts);
  if (length > MAXIMUM_TRANSFER) throw outOfRange(`${name}.byteLength`, `<= ${MAXIMUM_TRANSFER}`, length);
}

function lengthOf(views: readonly ArrayBufferView[]): number {
  return views.reduce((sum, view) => sum + byteLengthOf(view), 0);
}

/** What a read of so many bytes gives, unless memory that it reads into goes meanwhile. */
async function intoThere(views: readonly ArrayBufferView[], length: number, reading: Promise<number>): Promise<number> {
  const bytes = await reading.catch((error: NodeJS.ErrnoException) => {
    // Where a resizable buffer has shrunk, the kernel finds no memory.
    if (error.code === 'EFAULT') requireStillThere(views, length);
    throw error;
  });
  requireStillThere(views, bytes);
  return bytes;
}

function requireStillThere(views: readonly ArrayBufferView[], bytes: number): void {
  if (lengthOf(views) >= bytes) return;
  throw new PolyringError(
    'ERR_POLYRING_BUFFER_GONE',
    `The file was to give ${bytes} bytes, but their buffer was detached or shrunk meanwhile. Leave a buffer alone until its promise settled.`,
  );
}
