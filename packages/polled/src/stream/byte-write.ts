import { EAGAIN, ECANCELED } from '../transfer/again.js';
import type { CallParts } from '../transfer/call.js';
import type { Completing, RingWork, RingWorkHost } from '../transfer/completing.js';
import type { RingSends } from '../transfer/ring-sends.js';
import type { HalfParts } from './half-parts.js';

/** What a write is of. */
export interface ByteWriteParts {
  readonly half: HalfParts;
  /** How a ring sends, if one does. */
  readonly sends: RingSends | undefined;
  /** Whether it is over when everything was written, and not when something was. */
  readonly whole: boolean;
}

/** One write of a half from a part of a buffer, attempted or done by a ring. */
export class ByteWrite implements CallParts<number>, Completing<number> {
  readonly #parts: ByteWriteParts;
  readonly #buffer: ArrayBufferView;
  readonly #offset: number;
  readonly #length: number;
  #written = 0;

  constructor(parts: ByteWriteParts, buffer: ArrayBufferView, offset: number, length: number) {
    this.#parts = parts;
    this.#buffer = buffer;
    this.#offset = offset;
    this.#length = length;
  }

  get syscall(): string {
    return this.#parts.half.calls.names.write;
  }

  get completing(): Completing<number> | undefined {
    return this.#parts.sends === undefined ? undefined : this;
  }

  get transfers(): true {
    return true;
  }

  get first(): boolean {
    return this.#parts.sends?.isFirst(this.#length) === true;
  }

  attempt(): number {
    if (!this.#parts.whole) return ByteWrite.#write(this);
    while (this.#written < this.#length) {
      const bytes = ByteWrite.#write(this);
      if (bytes < 0) return bytes;
      this.#written += bytes;
    }
    return this.#written;
  }

  start(host: RingWorkHost): RingWork | undefined {
    const { sends, whole } = this.#parts;
    return sends?.start(this.#buffer, this.#offset + this.#written, this.#length - this.#written, whole, host);
  }

  completed(result: number): number {
    if (result < 0) return result === ECANCELED ? EAGAIN : result;
    if (!this.#parts.whole) return result;
    this.#written += result;
    return this.#written === this.#length ? this.#written : EAGAIN;
  }

  /** The error of a whole write says how many bytes went before. The error may be that of other calls too, so it is copied. */
  failed(error: unknown): unknown {
    return this.#parts.whole ? Object.assign(copyOf(error as Error), { bytesWritten: this.#written }) : error;
  }

  /** Static, as a private method would cost each write a word and a call. */
  static #write(write: ByteWrite): number {
    const { channel, calls } = write.#parts.half;
    return calls.write(channel.fd, write.#buffer, write.#offset + write.#written, write.#length - write.#written);
  }
}

/** The same error in everything but identity. */
function copyOf(error: Error): Error {
  const copy = Object.setPrototypeOf(new Error(error.message), Object.getPrototypeOf(error)) as Error;
  Object.defineProperties(copy, Object.getOwnPropertyDescriptors(error));
  // In Node.js 22 and later it is an accessor, which answers for the object that it is asked of.
  if (error.stack !== undefined) copy.stack = error.stack;
  return copy;
}
