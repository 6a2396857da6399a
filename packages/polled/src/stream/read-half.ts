import { InterestSlot } from '@polyring/core';
import type { ByteCalls } from '../transfer/byte-calls.js';
import type { CallOptions } from '../transfer/call-options.js';
import type { Channel } from '../transfer/channel.js';
import { checkLength, checkOffset, type RangeOptions, totalLength } from '../transfer/range.js';
import type { ReadAhead } from '../transfer/read-ahead.js';
import { readableOf } from './readable.js';

/** How a half meets its descriptor. */
export interface HalfParts {
  readonly channel: Channel<ReadAhead>;
  readonly calls: ByteCalls;
  /** Whether the bytes are a stream, so that fewer than there was room for are all there are. */
  readonly stream: boolean;
  /**
   * Whether a read of less than there was room for leaves no byte, but for what stands behind urgent data. Not so for
   * unix sockets, whose reads end where descriptors were sent, and for pipes, which may be of packets.
   */
  readonly shortReadsDrain?: boolean;
}

/**
 * The half of a socket or a pipe that reads. It is used and disposed of on its own; the descriptor is closed once the
 * other half is disposed of too.
 */
export class ReadHalf implements Disposable {
  readonly #channel: Channel<ReadAhead>;
  readonly #calls: ByteCalls;
  readonly #stream: boolean;
  readonly #shortReadsDrain: boolean;
  #readable: ReadableStream<Uint8Array> | undefined;

  constructor({ channel, calls, stream, shortReadsDrain = false }: HalfParts) {
    this.#channel = channel;
    this.#calls = calls;
    this.#stream = stream;
    this.#shortReadsDrain = shortReadsDrain;
  }

  /**
   * The bytes as a web stream, of type `bytes`. It reads only when somebody asks it to, so that a slow reader makes
   * the writer wait. Its end or its cancellation disposes of this half. Each time the same stream.
   */
  get readable(): ReadableStream<Uint8Array> {
    this.#readable ??= readableOf(this);
    return this.#readable;
  }

  /**
   * Reads what is there, at least one byte, and waits if there is nothing.
   *
   * @returns the bytes read; 0 at the end of a stream, and for a buffer of no bytes
   * @throws (rejects) ECONNRESET and the others of recv(2) or read(2); AbortError; ERR_POLYRING_TIMEOUT;
   * ERR_POLYRING_DISPOSED, ERR_POLYRING_CLOSED, ERR_POLYRING_DETACHED; ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
   */
  read(buffer: ArrayBufferView, options?: RangeOptions): Promise<number> {
    try {
      const offset = checkOffset(buffer, options);
      const length = checkLength(buffer, offset, options);
      const { reading, fd, ahead } = this.#channel;
      const calls = this.#calls;
      const stream = this.#stream;
      return reading.run(
        () => {
          if (length === 0 && stream) return 0;
          const taken = ahead?.take(buffer, offset, length);
          if (taken !== undefined) return taken;
          const bytes = calls.read(fd, buffer, offset, length);
          if (stream && bytes > 0 && bytes < length) reading.foundLess(this.#shortReadsDrain);
          return bytes;
        },
        calls.names.read,
        options,
      );
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * Reads into several buffers, one after the other. See {@link read}.
   *
   * @param buffers at most 1024
   */
  readv(buffers: readonly ArrayBufferView[], options?: CallOptions): Promise<number> {
    try {
      const length = totalLength(buffers);
      const views = [...buffers];
      const { reading, fd, ahead } = this.#channel;
      const first = views.find(({ byteLength }) => byteLength > 0);
      const attempt = () => {
        if (length === 0 && this.#stream) return 0;
        const taken = first && ahead?.take(first, 0, first.byteLength);
        return taken ?? this.#calls.readv(fd, views);
      };
      return reading.run(attempt, this.#calls.names.readv, options);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Ends whoever waits with ERR_POLYRING_DISPOSED. */
  [Symbol.dispose](): void {
    this.#channel.end(InterestSlot.Read);
  }
}
