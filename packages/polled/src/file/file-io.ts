import type { RawFd } from '@polyring/core';
import type { CallOptions } from '../transfer/call-options.js';
import type { RangeOptions } from '../transfer/range.js';
import type { FileStats } from './file-stats.js';

/** The position that stands for the file's own, which moves with each transfer. */
export const OWN_POSITION = -1;

/** Who does the I/O of a file: the ring, the thread pool of Node.js, or readiness. Arguments are checked already. */
export interface FileIo {
  readonly fd: RawFd;
  /** Whether bytes have a position; streams have none, and ignore the one that they are given. */
  readonly seekable: boolean;
  read(buffer: ArrayBufferView, position: number, options?: CallOptions): Promise<number>;
  write(buffer: ArrayBufferView, position: number, options?: CallOptions): Promise<number>;
  readv(buffers: readonly ArrayBufferView[], position: number, options?: CallOptions): Promise<number>;
  writev(buffers: readonly ArrayBufferView[], position: number, options?: CallOptions): Promise<number>;
  /** Writes at the end of the file, wherever that is when it is written. */
  append(buffer: ArrayBufferView, options?: CallOptions): Promise<number>;
  /**
   * Writes everything; nothing of another call comes in between. Streams only: where there are positions, each transfer is a
   * call of its own.
   */
  writeAll?(buffer: ArrayBufferView, options?: RangeOptions): Promise<number>;
  sync(dataOnly: boolean, options?: CallOptions): Promise<void>;
  truncate(length: number, options?: CallOptions): Promise<void>;
  allocate(mode: number, offset: number, length: number, options?: CallOptions): Promise<void>;
  stat(options?: CallOptions): Promise<FileStats>;
  /** Waits for what is in flight and closes the descriptor. Called once. */
  close(): Promise<void>;
  /** Leaves the descriptor open, to somebody else. Called once. */
  release(): void;
}
