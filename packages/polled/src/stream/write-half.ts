import { InterestSlot } from '@polyring/core';
import { EAGAIN, ECANCELED } from '../transfer/again.js';
import type { ByteCalls } from '../transfer/byte-calls.js';
import type { CallOptions } from '../transfer/call-options.js';
import type { Channel } from '../transfer/channel.js';
import { checkLength, checkOffset, type RangeOptions, totalLength } from '../transfer/range.js';
import type { RingSends } from '../transfer/ring-sends.js';
import type { HalfParts } from './read-half.js';
import { writableOf } from './writable.js';

/**
 * The half of a socket or a pipe that writes. It is used and disposed of on its own, which tells the peer the end of
 * the stream; the descriptor is closed once the other half is disposed of too.
 */
export class WriteHalf implements Disposable {
  readonly #channel: Channel;
  readonly #calls: ByteCalls;
  readonly #sends: RingSends | undefined;
  readonly #finish: () => void;
  #writable: WritableStream<Uint8Array> | undefined;

  /**
   * @param finish tells the peer that nothing more comes
   * @param sends how a ring does what finds no room
   */
  constructor({ channel, calls }: HalfParts, finish: () => void, sends?: RingSends) {
    this.#channel = channel;
    this.#calls = calls;
    this.#finish = finish;
    this.#sends = sends;
  }

  /**
   * A web stream whose chunks are written. A chunk is accepted once the kernel took the one before, so that a slow
   * peer makes the writer wait. Closing or aborting it disposes of this half. Each time the same stream.
   */
  get writable(): WritableStream<Uint8Array> {
    this.#writable ??= writableOf(this);
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
    try {
      const offset = checkOffset(buffer, options);
      const length = checkLength(buffer, offset, options);
      const { writing, fd } = this.#channel;
      const calls = this.#calls;
      const sends = this.#sends;
      const complete =
        sends &&
        (() => ({
          transfers: true,
          entry: () => sends.entry(fd, buffer, offset, length, false),
          completed: (result: number) => (result === ECANCELED ? EAGAIN : result),
        }));
      return writing.run(() => calls.write(fd, buffer, offset, length), calls.names.write, options, complete);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * Writes everything; nothing of another call comes in between. Leave the buffer as it is until then.
   *
   * @returns the bytes written
   * @throws (rejects) as {@link write}; `bytesWritten` of the error says how many went before
   */
  writeAll(buffer: ArrayBufferView, options?: RangeOptions): Promise<number> {
    let written = 0;
    try {
      const offset = checkOffset(buffer, options);
      const length = checkLength(buffer, offset, options);
      const { writing, fd } = this.#channel;
      const calls = this.#calls;
      const sends = this.#sends;
      const complete =
        sends &&
        (() => ({
          transfers: true,
          entry: () => sends.entry(fd, buffer, offset + written, length - written, true),
          completed: (result: number) => {
            if (result < 0) return result === ECANCELED ? EAGAIN : result;
            written += result;
            return written === length ? written : EAGAIN;
          },
        }));
      const promise = writing.run(
        () => {
          while (written < length) {
            const bytes = calls.write(fd, buffer, offset + written, length - written);
            if (bytes < 0) return bytes;
            written += bytes;
          }
          return written;
        },
        calls.names.write,
        options,
        complete,
      );
      return written === length
        ? promise
        : promise.catch((error: Error) => {
            throw Object.assign(error, { bytesWritten: written });
          });
    } catch (error) {
      return Promise.reject(error);
    }
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
      const { writing, fd } = this.#channel;
      return writing.run(() => this.#calls.writev(fd, views), this.#calls.names.writev, options);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Tells the peer the end of the stream, and ends whoever waits with ERR_POLYRING_DISPOSED. */
  [Symbol.dispose](): void {
    if (this.#channel.open(InterestSlot.Write)) this.#finish();
    this.#channel.end(InterestSlot.Write);
  }
}
