import { Errno } from '@polyring/core';
import { withBytesWritten } from '../transfer/bytes-written.js';
import type { CallParts } from '../transfer/call.js';
import type { Channel } from '../transfer/channel.js';
import type { Completing, RingWork, RingWorkHost } from '../transfer/completing.js';
import type { ReadAhead } from '../transfer/read-ahead.js';
import type { RingSends } from '../transfer/ring-sends.js';
import type { StreamKind } from './stream-kind.js';

const { EAGAIN, ECANCELED } = Errno;

/** One write of a half from a part of a buffer, attempted or done by a ring. */
export class ByteWrite implements CallParts<number>, Completing<number> {
  readonly #channel: Channel<ReadAhead>;
  readonly #kind: StreamKind;
  readonly #sends: RingSends | undefined;
  readonly #whole: boolean;
  readonly #buffer: ArrayBufferView;
  readonly #offset: number;
  readonly #length: number;
  #written = 0;

  /**
   * @param sends how a ring sends, if one does
   * @param whole whether it is over when everything was written, and not when something was
   * @param offset of the first byte in the buffer
   * @param length bytes from there on
   */
  constructor(
    channel: Channel<ReadAhead>,
    kind: StreamKind,
    sends: RingSends | undefined,
    whole: boolean,
    buffer: ArrayBufferView,
    offset: number,
    length: number,
  ) {
    this.#channel = channel;
    this.#kind = kind;
    this.#sends = sends;
    this.#whole = whole;
    this.#buffer = buffer;
    this.#offset = offset;
    this.#length = length;
  }

  get syscall(): string {
    return this.#kind.calls.names.write;
  }

  get completing(): Completing<number> | undefined {
    return this.#sends === undefined ? undefined : this;
  }

  get transfers(): true {
    return true;
  }

  get first(): boolean {
    return this.#sends?.isFirst(this.#length) === true;
  }

  attempt(): number {
    // An empty message is sent as well.
    if (!this.#whole || (this.#length === 0 && !this.#kind.stream)) return ByteWrite.#write(this);
    const before = this.#written;
    while (this.#written < this.#length) {
      const bytes = ByteWrite.#write(this);
      if (bytes < 0) {
        if (this.#written > before) this.#channel.writing.foundSome();
        return bytes;
      }
      this.#written += bytes;
    }
    return this.#written;
  }

  start(host: RingWorkHost): RingWork | undefined {
    // What is in flight keeps the process alive.
    if (!this.#channel.hasRef()) return undefined;
    const written = this.#written;
    return this.#sends?.start(this.#buffer, this.#offset + written, this.#length - written, this.#whole, host);
  }

  completed(result: number): number {
    if (result === ECANCELED) return EAGAIN;
    if (result < 0 || !this.#whole) return result;
    this.#written += result;
    return this.#written === this.#length ? this.#written : EAGAIN;
  }

  isDoneWith(result: number): boolean {
    return result >= 0 && (!this.#whole || this.#written + result === this.#length);
  }

  failed(error: unknown): unknown {
    return this.#whole ? withBytesWritten(error, this.#written) : error;
  }

  /** Static, as a private method would cost each write a word and a call. */
  static #write(write: ByteWrite): number {
    const written = write.#written;
    const { fd } = write.#channel;
    return write.#kind.calls.write(fd, write.#buffer, write.#offset + written, write.#length - written);
  }
}
