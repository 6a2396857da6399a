import { constants } from 'node:fs';
import {
  close,
  type Driver,
  type Entry,
  fallocate,
  fsync,
  ftruncate,
  IORING_OP_CLOSE,
  IORING_OP_FALLOCATE,
  IORING_OP_FSYNC,
  IORING_OP_FTRUNCATE,
  IORING_OP_READ,
  IORING_OP_READV,
  IORING_OP_STATX,
  IORING_OP_WRITE,
  IORING_OP_WRITEV,
  isPolyringError,
  type RawFd,
  RWF_APPEND,
  read,
  readv,
  StatxResult,
  statx,
  systemError,
  write,
  writev,
} from '@polyring/core';
import { close as closeNow, disown, fcntlGetFlags } from '@polyring/sys';
import { type CallOptions, checkCallOptions } from '../transfer/call-options.js';
import type { FileIo } from './file-io.js';
import { FileStats } from './file-stats.js';
import { InFlight } from './in-flight.js';
import type { ThreadPoolIo } from './thread-pool-io.js';

/** What a driver has to grant for its files to go through the ring, all of it older than any ring that is used. */
const NEEDED = [
  IORING_OP_READ,
  IORING_OP_WRITE,
  IORING_OP_READV,
  IORING_OP_WRITEV,
  IORING_OP_FSYNC,
  IORING_OP_FALLOCATE,
  IORING_OP_STATX,
  IORING_OP_CLOSE,
] as const;

/** Whether a driver does the I/O of files by its ring. */
export function hasFileRing(driver: Driver): boolean {
  return NEEDED.every((opcode) => driver.ioUringProbe(opcode));
}

/** The I/O of a file through the ring. A transfer is one entry, and its promise is the driver's own. */
export class RingIo implements FileIo {
  readonly fd: RawFd;
  readonly seekable = true;
  readonly #driver: Driver;
  readonly #pool: ThreadPoolIo;
  readonly #inFlight = new InFlight();
  readonly #appends: boolean;

  /** @param pool does what the ring cannot: truncate, before Linux 6.9 */
  constructor(driver: Driver, pool: ThreadPoolIo) {
    this.#driver = driver;
    this.#pool = pool;
    this.fd = pool.fd;
    this.#appends = (fcntlGetFlags(pool.fd) & constants.O_APPEND) !== 0;
  }

  read(buffer: ArrayBufferView, position: number, options?: CallOptions): Promise<number> {
    return this.#submit(read(this.fd, buffer, position), options);
  }

  write(buffer: ArrayBufferView, position: number, options?: CallOptions): Promise<number> {
    return this.#submit(write(this.fd, buffer, position), options);
  }

  readv(buffers: readonly ArrayBufferView[], position: number, options?: CallOptions): Promise<number> {
    return this.#submit(readv(this.fd, buffers, position), options);
  }

  writev(buffers: readonly ArrayBufferView[], position: number, options?: CallOptions): Promise<number> {
    return this.#submit(writev(this.fd, buffers, position), options);
  }

  append(buffer: ArrayBufferView, options?: CallOptions): Promise<number> {
    if (this.#appends) return this.write(buffer, -1, options);
    return this.#submit(write(this.fd, buffer, 0, { rwFlags: RWF_APPEND }), options);
  }

  async sync(dataOnly: boolean, options?: CallOptions): Promise<void> {
    await this.#named(dataOnly ? 'fdatasync' : 'fsync', fsync(this.fd, { dataSync: dataOnly }), options);
  }

  async truncate(length: number, options?: CallOptions): Promise<void> {
    if (!this.#driver.ioUringProbe(IORING_OP_FTRUNCATE)) await this.#pool.truncate(length, options);
    else await this.#submit(ftruncate(this.fd, length), options);
  }

  async allocate(mode: number, offset: number, length: number, options?: CallOptions): Promise<void> {
    await this.#submit(fallocate(this.fd, offset, length, { mode }), options);
  }

  async stat(options?: CallOptions): Promise<FileStats> {
    const result = new StatxResult();
    await this.#named('fstat', statx({ fd: this.fd }, result), options);
    return new FileStats(result);
  }

  async close(): Promise<void> {
    await this.#inFlight.settled();
    await this.#pool.settled();
    disown(this.fd);
    try {
      await this.#driver.ioUringSubmit(close(this.fd));
    } catch (error) {
      if (!isUndone(error)) throw error;
      closeNow(this.fd);
    }
  }

  release(): void {}

  #submit(entry: Entry, options: CallOptions | undefined): Promise<number> {
    const limits = options === undefined ? undefined : checkCallOptions(options);
    return this.#inFlight.add(entry, this.#driver.ioUringSubmit(entry, limits));
  }

  /** Submits an entry whose errors carry the name of another call than the opcode's. */
  async #named(syscall: string, entry: Entry, options: CallOptions | undefined): Promise<number> {
    try {
      return await this.#submit(entry, options);
    } catch (error) {
      const { errno, syscall: own } = error as NodeJS.ErrnoException;
      throw errno === undefined || own === syscall ? error : systemError(errno, syscall, { fd: this.fd });
    }
  }
}

/** Whether an error says that the kernel was never asked: the driver was closed, before or after the submission. */
function isUndone(error: unknown): boolean {
  return isPolyringError(error) || (error as NodeJS.ErrnoException | undefined)?.code === 'ECANCELED';
}
