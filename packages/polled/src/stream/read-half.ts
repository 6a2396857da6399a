import { InterestSlot } from '@polyring/core';
import { viewLength } from '@polyring/sys';
import type { CallOptions } from '../transfer/call-options.js';
import type { Channel } from '../transfer/channel.js';
import { checkLength, checkOffset, type RangeOptions, totalLength } from '../transfer/range.js';
import type { ReadAhead } from '../transfer/read-ahead.js';
import { ByteRead } from './byte-read.js';
import { MessageRead } from './message-read.js';
import { type MessageSource, readableOf } from './readable.js';
import { isEnd, type StreamKind } from './stream-kind.js';

/**
 * The half of a socket or a pipe that reads. It is used and disposed of on its own; the descriptor is closed once the
 * other half is disposed of too.
 */
export class ReadHalf implements Disposable {
  readonly #channel: Channel<ReadAhead>;
  readonly #kind: StreamKind;
  #readable: ReadableStream<Uint8Array> | undefined;

  constructor(channel: Channel<ReadAhead>, kind: StreamKind) {
    this.#channel = channel;
    this.#kind = kind;
  }

  /**
   * The bytes as a web stream, of type `bytes`. It reads only when somebody asks it to, so that a slow reader makes
   * the writer wait. Its end or its cancellation disposes of this half. A message is a chunk, however long it is; empty
   * datagrams are left out. Each time the same stream.
   */
  get readable(): ReadableStream<Uint8Array> {
    const channel = this.#channel;
    this.#readable ??= readableOf(channel.driver, this.#kind.stream ? this : this.#messages(), (ended) =>
      channel.onEnd(InterestSlot.Read, ended),
    );
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
      const bytes = viewLength(buffer, 'buffer');
      const offset = checkOffset(bytes, options);
      const length = checkLength(bytes - offset, options);
      const channel = this.#channel;
      return channel.reading.run(new ByteRead(channel, this.#kind, buffer, offset, length), options);
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
      const kind = this.#kind;
      const { calls, stream } = kind;
      const { reading, fd, ahead } = this.#channel;
      const attempt = () => {
        if (length === 0 && stream) return 0;
        return ahead?.takeInto(views, 0) ?? calls.readv(fd, views);
      };
      const eager = length === 0 && stream;
      const ends = (bytes: number) => isEnd(kind, bytes, length);
      return reading.run({ syscall: calls.names.readv, eager, attempt, isEnd: ends }, options);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Ends whoever waits with ERR_POLYRING_DISPOSED. */
  [Symbol.dispose](): void {
    this.#channel.end(InterestSlot.Read);
  }

  #messages(): MessageSource {
    const channel = this.#channel;
    const kind = this.#kind;
    return {
      readMessage: async (options) => {
        for (;;) {
          const message = await channel.reading.run(new MessageRead(channel, kind), options);
          if (message.length > 0) return message;
          if (!kind.datagrams || channel.reading.over) return undefined;
        }
      },
      [Symbol.dispose]: () => this[Symbol.dispose](),
    };
  }
}
