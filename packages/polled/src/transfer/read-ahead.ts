import { type BufferRing, type Completion, type Entry, Errno, type RawFd, recvMultishot } from '@polyring/core';
import { MSG_PEEK, MSG_TRUNC, viewLength } from '@polyring/sys';
import { Ahead, type AheadHost } from './ahead.js';
import { bytesOf } from './range.js';
import { RECEIVE_BUFFER_SIZE } from './receive-buffers.js';

// Captured: to look for it in what a Buffer inherits is a call.
const { set } = Uint8Array.prototype;

/** Bytes, and pieces of any size, that may wait for a reader before nothing more is received. */
const HIGH_WATER_MARK = 32_768;
const MOST_CHUNKS = 64;
/** Full buffers in a row after which the sender is taken for one of large amounts. */
const FULL_IN_A_ROW = 8;

/**
 * Has the kernel receive on a stream socket, into buffers that all sockets share, so that a socket that waits occupies
 * no memory. A sender that fills buffer after buffer is received from directly, in larger pieces.
 */
export class ReadAhead extends Ahead {
  readonly #buffers: BufferRing;
  /** The first bytes that wait, in place in the buffer of the completion under way or copied out of it. */
  #chunk: Buffer | undefined;
  /** What waits behind them, copied. */
  #behind: Buffer[] | undefined;
  #size = 0;
  #fullInARow = 0;

  constructor(host: AheadHost, buffers: BufferRing) {
    super(host);
    this.#buffers = buffers;
  }

  get filled(): boolean {
    return this.#size > 0;
  }

  /**
   * Takes bytes that were received.
   *
   * @returns their count; 0 at the end; a negative error number, EAGAIN to wait for; undefined if the caller has to
   * ask the kernel itself
   */
  take(view: ArrayBufferView, offset: number, length: number): number | undefined {
    if (this.#chunk === undefined) return this.nothing();
    return this.#copy(bytesOf(view, offset, length));
  }

  /**
   * As {@link take}, into several views one after the other.
   *
   * @param flags MSG_PEEK leaves the bytes here, and MSG_TRUNC does not copy them (tcp(7))
   */
  takeInto(views: readonly ArrayBufferView[], flags: number): number | undefined {
    const chunk = this.#chunk;
    if (chunk === undefined) return this.nothing();
    // Before any is copied: one of them may be gone.
    const targets = views.map((view, index) => bytesOf(view, 0, viewLength(view, `buffers[${index}]`)));
    const waiting = this.#behind === undefined ? chunk : Buffer.concat([chunk, ...this.#behind]);
    let taken = 0;
    for (const target of targets) {
      const part = waiting.subarray(taken, taken + target.length);
      if ((flags & MSG_TRUNC) === 0) set.call(target, part);
      taken += part.length;
    }
    this.#keep((flags & MSG_PEEK) === 0 ? waiting.subarray(taken) : waiting);
    return taken;
  }

  /** Takes everything that was received. */
  takeAll(): Buffer {
    const chunk = this.#chunk;
    const behind = this.#behind ?? [];
    this.drop();
    return Buffer.concat(chunk === undefined ? [] : [chunk, ...behind]);
  }

  completed(completion: Completion): void {
    const { bytes } = completion;
    if (bytes !== undefined && bytes.length > 0) this.#received(bytes);
    completion.release();
  }

  protected entry(fd: RawFd): Entry {
    return recvMultishot(fd, this.#buffers);
  }

  protected drop(): void {
    this.#size = 0;
    this.#chunk = undefined;
    this.#behind = undefined;
  }

  /** A stream that failed is over. Where there is none any more, the kernel goes on to say so. */
  protected isLast(error: (Error & { errno?: number }) | undefined): boolean {
    return error?.errno !== Errno.ENOTCONN;
  }

  #received(bytes: Buffer): void {
    this.confirm();
    const isFirst = this.#chunk === undefined;
    this.#size += bytes.length;
    // What nobody takes at once is copied: the buffer belongs to every socket of the driver.
    if (isFirst) this.#chunk = bytes;
    else {
      this.#behind ??= [];
      this.#behind.push(Buffer.from(bytes));
    }
    this.wake();
    if (isFirst && this.#chunk !== undefined) this.#chunk = Buffer.from(this.#chunk);
    this.#fullInARow = bytes.length < RECEIVE_BUFFER_SIZE ? 0 : this.#fullInARow + 1;
    if (this.#fullInARow >= FULL_IN_A_ROW) this.stop();
    else if (this.#size >= HIGH_WATER_MARK || (this.#behind?.length ?? 0) >= MOST_CHUNKS) this.pause();
  }

  /** What waits from now on, in one piece. */
  #keep(bytes: Buffer): void {
    this.#chunk = bytes.length === 0 ? undefined : bytes;
    this.#behind = undefined;
    this.#size = bytes.length;
  }

  #copy(target: Uint8Array): number {
    let copied = 0;
    while (copied < target.length) {
      const chunk = this.#chunk;
      if (chunk === undefined) break;
      const part = chunk.length > target.length - copied ? chunk.subarray(0, target.length - copied) : chunk;
      set.call(target, part, copied);
      copied += part.length;
      this.#chunk = part === chunk ? this.#behind?.shift() : chunk.subarray(part.length);
    }
    this.#size -= copied;
    return copied;
  }
}
