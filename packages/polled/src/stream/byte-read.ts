import type { CallParts } from '../transfer/call.js';
import type { HalfParts } from './half-parts.js';

/** One read of a half into a part of a buffer. */
export class ByteRead implements CallParts<number> {
  readonly #half: HalfParts;
  readonly #buffer: ArrayBufferView;
  readonly #offset: number;
  readonly #length: number;

  constructor(half: HalfParts, buffer: ArrayBufferView, offset: number, length: number) {
    this.#half = half;
    this.#buffer = buffer;
    this.#offset = offset;
    this.#length = length;
  }

  get syscall(): string {
    return this.#half.calls.names.read;
  }

  attempt(): number {
    const { channel, calls, stream, shortReadsDrain } = this.#half;
    const length = this.#length;
    if (length === 0 && stream) return 0;
    const taken = channel.ahead?.take(this.#buffer, this.#offset, length);
    if (taken !== undefined) return taken;
    const bytes = calls.read(channel.fd, this.#buffer, this.#offset, length);
    if (stream && bytes > 0 && bytes < length) channel.reading.foundLess(shortReadsDrain);
    return bytes;
  }
}
