import {
  close,
  constants,
  fdatasync,
  fstat,
  fsync,
  ftruncate,
  open,
  read,
  readv,
  type Stats,
  write,
  writev,
} from 'node:fs';
import {
  byteLengthOf,
  closedError,
  type Driver,
  MAXIMUM_TRANSFER,
  MAXIMUM_VECTORS,
  outOfRange,
  PolyringError,
  type RawFd,
  systemError,
} from '@polyring/core';
import { checkViews, disown, fallocate, fcntlGetFlags } from '@polyring/sys';
import { type CallOptions, checkCallOptions } from '../transfer/call-options.js';
import { bytesFrom } from './bytes-from.js';
import type { FileIo } from './file-io.js';
import { FileStats } from './file-stats.js';

type Callback<T> = (error: NodeJS.ErrnoException | null, result: T) => void;

/** `fs` calls end with an error and nothing else, some of them. */
type Start<T> = (done: Callback<T>) => void;

/** The bits that say whether a file was opened to read, to write or both. */
const O_ACCMODE = 3;

/** The number of EBADF, as Node gives it. */
const EBADF = -9;

/**
 * The I/O of a file through `node:fs`, for drivers without a ring. What has begun in a thread cannot be ended, so
 * that a signal or a time limit counts before it only.
 */
export class ThreadPoolIo implements FileIo {
  readonly fd: RawFd;
  readonly seekable = true;
  readonly #driver: Driver;
  #pending = 0;
  #idle: (() => void) | undefined;
  /** A second opening of the file that appends, made when it is first needed. */
  #appending: Promise<RawFd> | undefined;

  constructor(driver: Driver, fd: RawFd) {
    this.#driver = driver;
    this.fd = fd;
  }

  async read(buffer: ArrayBufferView, position: number, options?: CallOptions): Promise<number> {
    const into = transferred(buffer);
    const bytes = await this.#call<number>('read', options, (done) =>
      read(this.fd, into, 0, into.length, own(position), done),
    );
    requireStillThere([buffer], bytes);
    return bytes;
  }

  async write(buffer: ArrayBufferView, position: number, options?: CallOptions): Promise<number> {
    const from = transferred(buffer);
    return this.#call('write', options, (done) => write(this.fd, from, 0, from.length, own(position), done));
  }

  async readv(buffers: readonly ArrayBufferView[], position: number, options?: CallOptions): Promise<number> {
    const into = vectorsOf(buffers);
    const views = [...buffers];
    const bytes = await this.#call<number>('readv', options, (done) => readv(this.fd, into, own(position), done));
    requireStillThere(views, bytes);
    return bytes;
  }

  async writev(buffers: readonly ArrayBufferView[], position: number, options?: CallOptions): Promise<number> {
    const from = vectorsOf(buffers);
    return this.#call('writev', options, (done) => writev(this.fd, from, own(position), done));
  }

  async append(buffer: ArrayBufferView, options?: CallOptions): Promise<number> {
    transferred(buffer);
    return this.#counted(async () => {
      const fd = await this.#appendingFd();
      return this.#call<number>('write', options, (done) => {
        // The buffer may have gone while the file was opened.
        const from = transferred(buffer);
        write(fd, from, 0, from.length, null, done);
      });
    });
  }

  async sync(dataOnly: boolean, options?: CallOptions): Promise<void> {
    if (dataOnly) await this.#call<void>('fdatasync', options, (done) => fdatasync(this.fd, done as () => void));
    else await this.#call<void>('fsync', options, (done) => fsync(this.fd, done as () => void));
  }

  async truncate(length: number, options?: CallOptions): Promise<void> {
    await this.#call<void>('ftruncate', options, (done) => ftruncate(this.fd, length, done as () => void));
  }

  async allocate(mode: number, offset: number, length: number, options?: CallOptions): Promise<void> {
    await this.#call<void>('fallocate', options, (done) => {
      fallocate(this.fd, mode, offset, length).then(() => done(null, undefined), done as (error: unknown) => void);
    });
  }

  async stat(options?: CallOptions): Promise<FileStats> {
    return new FileStats(await this.#call<Stats>('fstat', options, (done) => fstat(this.fd, done)));
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
    await this.release();
    disown(this.fd);
    await this.#run<void>('close', (done) => close(this.fd, done as () => void));
  }

  async release(): Promise<void> {
    await this.settled();
    const appending = this.#appending;
    this.#appending = undefined;
    if (appending === undefined) return;
    const fd = await appending.catch(() => undefined);
    if (fd !== undefined) await this.#run<void>('close', (done) => close(fd, done as () => void));
  }

  /** A file that was not opened to append is opened once more: pwritev2(2) with RWF_APPEND is not in `node:fs`. */
  async #appendingFd(): Promise<RawFd> {
    const flags = fcntlGetFlags(this.fd);
    if ((flags & constants.O_APPEND) !== 0) return this.fd;
    if ((flags & O_ACCMODE) === constants.O_RDONLY) throw systemError(EBADF, 'write', { fd: this.fd });
    this.#appending ??= this.#openToAppend();
    return this.#appending;
  }

  async #openToAppend(): Promise<RawFd> {
    try {
      return await this.#run<RawFd>('open', (done) =>
        open(`/proc/self/fd/${this.fd}`, constants.O_WRONLY | constants.O_APPEND, done),
      );
    } catch (error) {
      // As where no descriptor was left: the next call may find one.
      this.#appending = undefined;
      throw error;
    }
  }

  #call<T>(syscall: string, options: CallOptions | undefined, start: Start<T>): Promise<T> {
    if (this.#driver.closed) throw closedError(this.#driver.name);
    if (options !== undefined) checkCallOptions(options);
    return this.#run(syscall, start);
  }

  #run<T>(syscall: string, start: Start<T>): Promise<T> {
    return this.#counted(
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
  async #counted<T>(body: () => Promise<T>): Promise<T> {
    this.#pending += 1;
    try {
      return await body();
    } finally {
      this.#pending -= 1;
      if (this.#pending === 0) this.#idle?.();
    }
  }
}

/** The position as `node:fs` takes it. */
function own(position: number): number | null {
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
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  if (length > MAXIMUM_TRANSFER) throw outOfRange(`${name}.byteLength`, `<= ${MAXIMUM_TRANSFER}`, length);
}

/** Throws if memory that was read into has gone meanwhile, so that the bytes are nowhere. */
function requireStillThere(views: readonly ArrayBufferView[], bytes: number): void {
  const room = views.reduce((sum, view) => sum + byteLengthOf(view), 0);
  if (room >= bytes) return;
  throw new PolyringError(
    'ERR_POLYRING_BUFFER_GONE',
    `The file gave ${bytes} bytes, but their buffer was detached or shrunk meanwhile. Leave a buffer alone until its promise settled.`,
  );
}
