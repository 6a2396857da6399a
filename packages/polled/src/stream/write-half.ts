import { InterestSlot } from '@polyring/core';
import { viewLength } from '@polyring/sys';
import type { CallOptions } from '../transfer/call-options.js';
import type { Channel } from '../transfer/channel.js';
import { checkLength, checkOffset, type RangeOptions, totalLength } from '../transfer/range.js';
import type { ReadAhead } from '../transfer/read-ahead.js';
import type { RingSends } from '../transfer/ring-sends.js';
import { ByteWrite } from './byte-write.js';
import type { StreamKind } from './stream-kind.js';
import { writableOf } from './writable.js';

/**
 * The half of a socket or a pipe that writes. It is used and disposed of on its own, which tells the peer the end of
 * the stream; the descriptor is closed once the other half is disposed of too.
 */
export class WriteHalf implements Disposable {
  readonly #channel: Channel<ReadAhead>;
  readonly #kind: StreamKind;
  readonly #sends: RingSends | undefined;
  #writable: WritableStream<Uint8Array> | undefined;

  /** @param sends how a ring sends */
  constructor(channel: Channel<ReadAhead>, kind: StreamKind, sends?: RingSends) {
    this.#channel = channel;
    this.#kind = kind;
    this.#sends = sends;
  }

  /**
   * A web stream whose chunks are written. A chunk is accepted once the kernel took the one before, so that a slow
   * peer makes the writer wait. Closing or aborting it disposes of this half. Each time the same stream.
   */
  get writable(): WritableStream<Uint8Array> {
    this.#writable ??= writableOf(this.#channel.driver, this, (ended) =>
      this.#channel.onEnd(InterestSlot.Write, ended),
    );
    return this.#writable;
  }

  /**
   * Writes what there is room for, at least one byte, and waits if there is none. Leave the buffer as it is until then.
   *
   * @returns the bytes written, which may be fewer than there are
   * @throws (rejects) EPIPE, ECONNRESET and the others of send(2) or write(2); AbortError; ERR_POLYRING_TIMEOUT;
   * ERR_POLYRING_DISPOSED, ERR_POLYRING_CLOSED, ERR_POLYRING_DETACHED; ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
   */
  write(buffer: ArrayBufferView, options?: RangeOptions): Promise<number> {
    return WriteHalf.#write(this, false, buffer, options);
  }

  /**
   * Writes everything; nothing of another call comes in between. Leave the buffer as it is until then.
   *
   * @returns the bytes written
   * @throws (rejects) as {@link write}; `bytesWritten` of the error says how many went before
   */
  writeAll(buffer: ArrayBufferView, options?: RangeOptions): Promise<number> {
    return WriteHalf.#write(this, true, buffer, options);
  }

  /**
   * Writes from several buffers, one after the other. See {@link write}.
   *
   * @param buffers at most 1024
   */
  writev(buffers: readonly ArrayBufferView[], options?: CallOptions): Promise<number> {
    try {
      totalLength(buffers);
      const views = [...buffers];
      const { calls } = this.#kind;
      const { writing, fd } = this.#channel;
      return writing.run({ syscall: calls.names.writev, attempt: () => calls.writev(fd, views) }, options);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Tells the peer the end of the stream, and ends whoever waits with ERR_POLYRING_DISPOSED. */
  [Symbol.dispose](): void {
    const channel = this.#channel;
    if (!channel.open(InterestSlot.Write)) return;
    const { fd, writing } = channel;
    writing.flush();
    this.#kind.finish(fd);
    const mayConnect = writing.active;
    channel.end(InterestSlot.Write);
    // A connect that was given up may have made the connection since.
    if (mayConnect) writing.whenQuiet(() => channel.open(InterestSlot.Read) && this.#kind.finish(fd));
  }

  /** Static, as a private method would cost each half a word. */
  static #write(
    half: WriteHalf,
    whole: boolean,
    buffer: ArrayBufferView,
    options: RangeOptions | undefined,
  ): Promise<number> {
    try {
      const bytes = viewLength(buffer, 'buffer');
      const offset = checkOffset(bytes, options);
      const length = checkLength(bytes - offset, options);
      const channel = half.#channel;
      const write = new ByteWrite(channel, half.#kind, half.#sends, whole, buffer, offset, length);
      return channel.writing.run(write, options);
    } catch (error) {
      return Promise.reject(error);
    }
  }
}
