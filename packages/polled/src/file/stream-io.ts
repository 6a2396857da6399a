import type { Driver, RawFd } from '@polyring/core';
import { fdKind } from '@polyring/sys';
import { FILE_BYTES, PIPE_BYTES } from '../stream/file-kinds.js';
import { ReadHalf } from '../stream/read-half.js';
import { WriteHalf } from '../stream/write-half.js';
import type { CallOptions } from '../transfer/call-options.js';
import { Channel } from '../transfer/channel.js';
import type { RangeOptions } from '../transfer/range.js';
import type { ReadAhead } from '../transfer/read-ahead.js';
import { fdReadiness } from '../transfer/readiness.js';
import type { FileIo } from './file-io.js';
import type { FileStats } from './file-stats.js';
import type { ThreadPoolIo } from './thread-pool-io.js';

/**
 * The I/O of what can be opened as a file but has no positions, such as a named pipe or a terminal: by readiness, so
 * that a call that its signal or its time has ended has moved no byte.
 */
export class StreamIo implements FileIo {
  readonly fd: RawFd;
  readonly seekable = false;
  readonly #channel: Channel<ReadAhead>;
  readonly #reader: ReadHalf;
  readonly #writer: WriteHalf;
  readonly #pool: ThreadPoolIo;

  /** @param pool does what has nothing to do with the stream */
  constructor(driver: Driver, pool: ThreadPoolIo) {
    const { fd } = pool;
    this.fd = fd;
    this.#pool = pool;
    const channel = new Channel<ReadAhead>(driver, fd, 'file', fdReadiness);
    this.#channel = channel;
    const kind = fdKind(fd) === 'fifo' ? PIPE_BYTES : FILE_BYTES;
    this.#reader = new ReadHalf(channel, kind);
    this.#writer = new WriteHalf(channel, kind);
  }

  read(buffer: ArrayBufferView, _position: number, options?: CallOptions): Promise<number> {
    return this.#reader.read(buffer, options);
  }

  write(buffer: ArrayBufferView, _position: number, options?: CallOptions): Promise<number> {
    return this.#writer.write(buffer, options);
  }

  readv(buffers: readonly ArrayBufferView[], _position: number, options?: CallOptions): Promise<number> {
    return this.#reader.readv(buffers, options);
  }

  writev(buffers: readonly ArrayBufferView[], _position: number, options?: CallOptions): Promise<number> {
    return this.#writer.writev(buffers, options);
  }

  append(buffer: ArrayBufferView, options?: CallOptions): Promise<number> {
    return this.#writer.write(buffer, options);
  }

  writeAll(buffer: ArrayBufferView, options?: RangeOptions): Promise<number> {
    return this.#writer.writeAll(buffer, options);
  }

  sync(dataOnly: boolean, options?: CallOptions): Promise<void> {
    return this.#pool.sync(dataOnly, options);
  }

  truncate(length: number, options?: CallOptions): Promise<void> {
    return this.#pool.truncate(length, options);
  }

  allocate(mode: number, offset: number, length: number, options?: CallOptions): Promise<void> {
    return this.#pool.allocate(mode, offset, length, options);
  }

  stat(options?: CallOptions): Promise<FileStats> {
    return this.#pool.stat(options);
  }

  async close(): Promise<void> {
    await this.#pool.settled();
    this.#channel[Symbol.dispose]();
  }

  release(): void {
    this.#channel.give();
  }
}
