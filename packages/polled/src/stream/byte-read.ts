import type { CallParts } from '../transfer/call.js';
import type { Channel } from '../transfer/channel.js';
import type { ReadAhead } from '../transfer/read-ahead.js';
import { isEnd, type StreamKind } from './stream-kind.js';

/** One read of a half into a part of a buffer. */
export class ByteRead implements CallParts<number> {
  readonly #channel: Channel<ReadAhead>;
  readonly #kind: StreamKind;
  readonly #buffer: ArrayBufferView;
  readonly #offset: number;
  readonly #length: number;

  constructor(channel: Channel<ReadAhead>, kind: StreamKind, buffer: ArrayBufferView, offset: number, length: number) {
    this.#channel = channel;
    this.#kind = kind;
    this.#buffer = buffer;
    this.#offset = offset;
    this.#length = length;
  }

  get syscall(): string {
    return this.#kind.calls.names.read;
  }

  /** Nothing is there at any time. */
  get eager(): boolean {
    return this.#length === 0 && this.#kind.stream;
  }

  attempt(): number {
    const channel = this.#channel;
    const { calls, stream, shortReadsDrain } = this.#kind;
    const length = this.#length;
    if (length === 0 && stream) return 0;
    const { ahead } = channel;
    if (ahead !== undefined) {
      const taken = ahead.take(this.#buffer, this.#offset, length);
      if (taken !== undefined && taken > 0 && !ahead.filled) channel.reading.foundLast();
      if (taken !== undefined) return taken;
    }
    const bytes = calls.read(channel.fd, this.#buffer, this.#offset, length);
    if (stream && bytes > 0 && bytes < length) channel.reading.foundLess(shortReadsDrain);
    return bytes;
  }

  isEnd(answer: number): boolean {
    return isEnd(this.#kind, answer, this.#length);
  }
}
