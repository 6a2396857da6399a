import { constants } from 'node:fs';
import {
  checkDriver,
  checkInteger,
  closedError,
  type Driver,
  type DriverMemory,
  invalidArgType,
  type Path,
  type RawFd,
} from '@polyring/core';
import { close as closeNow, fcntlGetFlags, setNonblocking } from '@polyring/sys';
import { withBytesWritten } from '../transfer/bytes-written.js';
import type { CallOptions } from '../transfer/call-options.js';
import { limited } from '../transfer/limited.js';
import { type RangeOptions, rangeOf } from '../transfer/range.js';
import { alignedMemory } from './aligned-memory.js';
import { type ChunkOptions, chunksOf } from './chunks.js';
import { type CopyOptions, copyFile } from './copy.js';
import { OWN_POSITION } from './file-io.js';
import type { FileStats } from './file-stats.js';
import { readableFile, writableFile } from './file-streams.js';
import { GuardedIo } from './guarded-io.js';
import { ioOf, isStream } from './io-of.js';
import { openFile } from './open-file.js';
import { openFlags, openMode, openPath } from './open-flags.js';
import { extentOf, type FileRange } from './ranges.js';
import { readAll } from './read-all.js';
import { writeFully } from './whole-transfers.js';

/** Bytes of one transfer of a whole buffer, so that a large one needs no second copy of itself in the driver's pool. */
const PIECE = 4 * 1024 * 1024;

/** How space is allocated. */
export interface FileSpaceOptions extends CallOptions {
  /** FALLOC_FL_* bits of fallocate(2). Default 0: allocates, and makes the file longer where it has to. */
  readonly mode?: number | undefined;
}

/**
 * A file: read and written at positions, into and from the caller's buffers.
 *
 * On a driver with a ring its operations are the ring's, and a read or a write costs one entry and one promise; without
 * one they go through the thread pool of Node.js. Results, errors and short transfers are the same. What has no
 * positions, such as a named pipe or a terminal, is read and written by readiness on every driver; its descriptor has
 * O_NONBLOCK.
 *
 * A transfer moves what the kernel moves at once: fewer bytes near the end of a file, 0 at the end. Without a position
 * it is done at the file's own, which moves: await one such call before the next. Calls with positions may overlap.
 *
 * A signal or a time limit ends a transfer of a regular file only before it started; later the result counts.
 *
 * Work in flight keeps the process alive, and an open file does not. There is no `unref`: what a file is asked for ends by
 * itself, and a process that ended before would leave a write half done. What may wait for ever, such as a named pipe
 * or a terminal, can be waited for without keeping the process alive as a `PolledPipe`.
 *
 * @example
 * ```ts run
 * import { createDriver, PolledFile } from 'polyring';
 *
 * const { driver } = await createDriver();
 * const file = await PolledFile.open(driver, '/etc/passwd');
 * const buffer = Buffer.alloc(64);
 * const bytes = await file.read(buffer, 0);
 * console.log(buffer.toString('latin1', 0, bytes).split('\n')[0]);
 *
 * let total = 0;
 * for await (const chunk of file) total += chunk.length;
 * console.log(`${total} of ${(await file.stat()).size} bytes`);
 *
 * await file.close();
 * await driver.close();
 * ```
 */
export class PolledFile implements AsyncDisposable {
  readonly #driver: Driver;
  readonly #guarded: GuardedIo;
  #end: Promise<void> | undefined;

  /**
   * Takes over a descriptor that is open already. It is closed with this object.
   *
   * @param fd what has no positions must not block
   * @throws EBADF; ERR_POLYRING_BLOCKING_FD, ERR_POLYRING_CLOSED; ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE. The
   * descriptor stays the caller's then
   */
  constructor(driver: Driver, fd: RawFd) {
    checkDriver(driver);
    if (driver.closed) throw closedError(driver.name);
    this.#driver = driver;
    this.#guarded = new GuardedIo(ioOf(driver, fd));
  }

  /**
   * Opens a file (open(2)). A named pipe waits for its other end, and holds no thread meanwhile.
   *
   * @param flags as `fs.open` takes them: `r`, `w+` and so on, or O_* bits, such as O_DIRECT for {@link allocateAligned}
   * @param mode the permissions of a file that is made, less the process's mask
   * @throws (rejects) ENOENT, EACCES, EISDIR, EEXIST, EMFILE and the others of open(2), with `path`; AbortError,
   * ERR_POLYRING_TIMEOUT, ERR_POLYRING_CLOSED; ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE, ERR_OUT_OF_RANGE
   */
  static async open(
    driver: Driver,
    path: Path,
    flags: string | number = 'r',
    mode: string | number = 0o666,
    options?: CallOptions,
  ): Promise<PolledFile> {
    checkDriver(driver);
    return limited(driver, options, async (limits) => {
      const opening = { path: openPath(path), flags: openFlags(flags), mode: openMode(mode), limits };
      const fd = await openFile(driver, opening);
      try {
        if (isStream(fd)) setNonblocking(fd);
        return new PolledFile(driver, fd);
      } catch (error) {
        closeNow(fd);
        throw error;
      }
    });
  }

  /** The descriptor. It belongs to this object until {@link intoFd}. */
  get fd(): RawFd {
    return this.#guarded.fd;
  }

  /** Whether this was closed, or gave its descriptor away. */
  get closed(): boolean {
    return this.#guarded.ended;
  }

  /**
   * Reads into a buffer.
   *
   * @param position the first byte of the file; without one, the file's own position
   * @returns the bytes read; 0 at the end
   * @throws (rejects) EBADF for a file opened to write, EISDIR, EIO and the others of pread(2); AbortError;
   * ERR_POLYRING_TIMEOUT, ERR_POLYRING_DISPOSED, ERR_POLYRING_CLOSED, ERR_POLYRING_DETACHED, ERR_POLYRING_BUFFER_GONE;
   * ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
   */
  read(buffer: ArrayBufferView, position?: number | null, options?: RangeOptions): Promise<number> {
    try {
      const { io } = this.#guarded;
      const at = positionOf(position);
      return io.read(options === undefined ? buffer : partFor(buffer, options), at, options);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * Writes from a buffer. Leave it as it is until then.
   *
   * @param position where in the file the first byte goes; without one, the file's own position. A file that appends
   * ignores it
   * @returns the bytes written, which may be fewer than there are
   * @throws (rejects) EBADF for a file opened to read, ENOSPC, EFBIG, EIO and the others of pwrite(2); ESPIPE without a
   * ring for a position in what knows none for writing, such as files of procfs; otherwise as {@link read}
   */
  write(buffer: ArrayBufferView, position?: number | null, options?: RangeOptions): Promise<number> {
    try {
      const { io } = this.#guarded;
      const at = positionOf(position);
      return io.write(options === undefined ? buffer : partFor(buffer, options), at, options);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Reads into several buffers, one after the other, at most 1024. See {@link read}. */
  readv(buffers: readonly ArrayBufferView[], position?: number | null, options?: CallOptions): Promise<number> {
    try {
      return this.#guarded.io.readv(buffers, positionOf(position), options);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Writes from several buffers, one after the other, at most 1024. See {@link write}. */
  writev(buffers: readonly ArrayBufferView[], position?: number | null, options?: CallOptions): Promise<number> {
    try {
      return this.#guarded.io.writev(buffers, positionOf(position), options);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * Writes a whole buffer, in transfers of at most 4 MiB. To what has no positions nothing of another call comes in
   * between.
   *
   * @throws (rejects) as {@link write}; `bytesWritten` of the error says how many went before
   */
  async writeAll(buffer: ArrayBufferView, position?: number | null, options?: RangeOptions): Promise<number> {
    this.#guarded.check();
    const at = positionOf(position);
    return this.#writeWhole(buffer, at, options, (part, next, limits) => this.#guarded.io.write(part, next, limits));
  }

  /**
   * Writes a whole buffer to the end of the file, wherever that is by then, whatever it was opened for. The file's own
   * position stays, unless it was opened to append. It takes transfers of at most 4 MiB, each to the end by then.
   *
   * @throws (rejects) ENOTSUP, ESPIPE without a ring for what does not know RWF_APPEND, such as files of procfs, unless it was
   * opened to append; otherwise as {@link writeAll}
   */
  append(buffer: ArrayBufferView, options?: RangeOptions): Promise<number> {
    return this.#writeWhole(buffer, OWN_POSITION, options, (part, _, limits) => this.#guarded.io.append(part, limits));
  }

  /**
   * Reads the whole file, or a range of it, into a new buffer.
   *
   * @throws (rejects) ERR_OUT_OF_RANGE for more than a Buffer may hold, or for a range that cannot be; otherwise as
   * {@link read}
   */
  readAll(options: FileRange = {}): Promise<Buffer> {
    return this.#limited(options, (limits) => readAll(this.#guarded, extentOf(options), limits));
  }

  /**
   * Reads chunk after chunk, a few ahead of the consumer. Each chunk is a buffer of its own.
   *
   * @throws ERR_POLYRING_DISPOSED, ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE; (rejects) as {@link read}
   */
  chunks(options: ChunkOptions = {}): AsyncGenerator<Buffer, void, void> {
    this.#guarded.check();
    return chunksOf(this.#guarded, options);
  }

  /** The chunks of the whole file. See {@link chunks}. */
  [Symbol.asyncIterator](): AsyncGenerator<Buffer, void, void> {
    return this.chunks();
  }

  /** The whole file as a web stream. See {@link readableRange}. */
  get readable(): ReadableStream<Uint8Array> {
    return this.readableRange();
  }

  /**
   * A range of the file as a web stream of type `bytes`. It reads when it is asked to. Neither its end nor its
   * cancellation closes the file.
   *
   * @throws ERR_POLYRING_DISPOSED, ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
   */
  readableRange(range: Pick<FileRange, 'start' | 'end'> = {}): ReadableStream<Uint8Array> {
    this.#guarded.check();
    return readableFile({ driver: this.#driver, file: this, guarded: this.#guarded }, extentOf(range));
  }

  /** A web stream that writes from the start of the file on. See {@link writableAt}. */
  get writable(): WritableStream<Uint8Array> {
    return this.writableAt(0);
  }

  /**
   * A web stream that writes from a position on. A chunk is accepted once the one before was written. Neither closing
   * nor aborting it closes the file.
   *
   * @throws ERR_POLYRING_DISPOSED, ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
   */
  writableAt(position: number): WritableStream<Uint8Array> {
    this.#guarded.check();
    return writableFile({ driver: this.#driver, file: this, guarded: this.#guarded }, positionOf(position));
  }

  /**
   * Copies this file, or a range of it, into another one, through memory of the driver. A slow target makes the reads
   * wait. Of a file that grows or shrinks meanwhile it copies up to the first end that a read finds, without a gap.
   *
   * @returns the bytes copied
   * @throws (rejects) as {@link read} and {@link write}, of either file; ERR_POLYRING_POOL_EXHAUSTED. The target has
   * some of the bytes then
   */
  copyTo(target: PolledFile, options: CopyOptions = {}): Promise<number> {
    return this.#limited(options, (limits) => {
      if (!(target instanceof PolledFile)) throw invalidArgType('target', 'an instance of PolledFile', target);
      const file = target.#guarded;
      file.check();
      const appends = (fcntlGetFlags(file.fd) & constants.O_APPEND) !== 0;
      return copyFile(this.#driver, this.#guarded, { file, appends }, options, limits);
    });
  }

  /** Has the bytes and the metadata on the device (fsync(2)). Await writes before it. */
  fsync(options?: CallOptions): Promise<void> {
    return this.#limited(options, (limits) => this.#guarded.io.sync(false, limits));
  }

  /** Has the bytes on the device, and of the metadata what reading them needs (fdatasync(2)). */
  fdatasync(options?: CallOptions): Promise<void> {
    return this.#limited(options, (limits) => this.#guarded.io.sync(true, limits));
  }

  /**
   * Makes the file as long as asked, with zeros where it grows (ftruncate(2)).
   *
   * @throws (rejects) EINVAL for a file opened to read, EFBIG and the others of ftruncate(2); otherwise as {@link read}
   */
  truncate(length = 0, options?: CallOptions): Promise<void> {
    return this.#limited(options, (limits) => {
      checkInteger(length, 'length', 0, Number.MAX_SAFE_INTEGER);
      return this.#guarded.io.truncate(length, limits);
    });
  }

  /**
   * Allocates space for a range, or does what the mode says (fallocate(2)).
   *
   * @param length bytes, at least 1
   * @throws (rejects) ENOSPC, ENOTSUP, EBADF and the others of fallocate(2); otherwise as {@link read}
   */
  fallocate(offset: number, length: number, options: FileSpaceOptions = {}): Promise<void> {
    return this.#limited(options, (limits) => {
      const { mode = 0 } = options;
      checkInteger(offset, 'offset', 0, Number.MAX_SAFE_INTEGER);
      checkInteger(length, 'length', 1, Number.MAX_SAFE_INTEGER);
      checkInteger(mode, 'options.mode', 0, 0xffff);
      return this.#guarded.io.allocate(mode, offset, length, limits);
    });
  }

  /** What is known of the file (fstat(2)), in the form of `fs.Stats`. */
  stat(options?: CallOptions): Promise<FileStats> {
    return this.#limited(options, (limits) => this.#guarded.io.stat(limits));
  }

  /**
   * Memory of the driver that begins at a page, as O_DIRECT asks. Positions and lengths are the caller's to align: see
   * `stat().blksize`, or use multiples of 4096.
   *
   * @param byteLength bytes; filled with zeros
   * @throws ERR_OUT_OF_RANGE; ERR_POLYRING_POOL_EXHAUSTED, ERR_POLYRING_CLOSED, ERR_POLYRING_DISPOSED
   */
  allocateAligned(byteLength: number): DriverMemory {
    this.#guarded.check();
    return alignedMemory(this.#driver, byteLength);
  }

  /**
   * Gives the descriptor back, open. Keep it open until the calls under way have settled: a transfer that has started
   * is finished on it, and a call of several transfers, such as {@link copyTo}, ends as with {@link close}.
   *
   * @throws ERR_POLYRING_DISPOSED
   */
  intoFd(): RawFd {
    this.#guarded.check();
    this.#end = Promise.resolve();
    this.#guarded.release();
    return this.#guarded.fd;
  }

  /**
   * Waits for the transfers under way, and closes the descriptor. Calls from now on reject with ERR_POLYRING_DISPOSED.
   * So does, with its next transfer, a call under way that takes several: {@link chunks}, {@link copyTo} from or to this
   * file, {@link readAll}, {@link writeAll}, {@link append}. What it has transferred stays. Its web streams have that error too.
   * Every call gives the same end.
   *
   * @throws (rejects) EIO, ENOSPC, EDQUOT: what was written before may be lost; the descriptor is closed all the same
   */
  close(): Promise<void> {
    this.#end ??= this.#guarded.close();
    return this.#end;
  }

  /** Closes the file. See {@link close}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #writeWhole(
    buffer: ArrayBufferView,
    position: number,
    options: RangeOptions | undefined,
    transfer: (part: ArrayBufferView, position: number, limits: CallOptions | undefined) => Promise<number>,
  ): Promise<number> {
    const whole = this.#guarded.io.writeAll?.(buffer, options);
    if (whole !== undefined) return whole;
    let written = 0;
    const write = async (limits: CallOptions | undefined, part: ArrayBufferView, at: number): Promise<number> => {
      const bytes = await transfer(part, at, limits);
      written += bytes;
      return bytes;
    };
    try {
      return await this.#limited(options, (limits) =>
        writeFully(partFor(buffer, options), position, PIECE, (part, at) => write(limits, part, at)),
      );
    } catch (error) {
      throw withBytesWritten(error, written);
    }
  }

  #limited<T>(options: CallOptions | undefined, call: (limits: CallOptions | undefined) => Promise<T>): Promise<T> {
    return limited(this.#driver, options, async (limits) => {
      this.#guarded.check();
      return call(limits);
    });
  }
}

/** A whole buffer as it is, for whoever does the transfer to check. */
function partFor(buffer: ArrayBufferView, options: RangeOptions | undefined): ArrayBufferView {
  return options?.offset === undefined && options?.length === undefined ? buffer : rangeOf(buffer, options);
}

function positionOf(position: number | null | undefined): number {
  if (position === undefined || position === null) return OWN_POSITION;
  if (!Number.isSafeInteger(position) || position < 0) {
    checkInteger(position, 'position', 0, Number.MAX_SAFE_INTEGER);
  }
  return position;
}
