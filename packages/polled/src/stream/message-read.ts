import type { CallParts } from '../transfer/call.js';
import type { Channel } from '../transfer/channel.js';
import type { ReadAhead } from '../transfer/read-ahead.js';
import { CHUNK } from './readable.js';
import { isEnd, type StreamKind } from './stream-kind.js';

/** One read of a half that takes a message as long as it is, since the kernel drops what there is no room for. */
export class MessageRead implements CallParts<Uint8Array> {
  readonly #channel: Channel<ReadAhead>;
  readonly #kind: StreamKind;

  constructor(channel: Channel<ReadAhead>, kind: StreamKind) {
    this.#channel = channel;
    this.#kind = kind;
  }

  get syscall(): string {
    return this.#kind.calls.names.read;
  }

  attempt(): Uint8Array | number {
    const { fd } = this.#channel;
    const { calls } = this.#kind;
    const size = calls.messageSize(fd);
    if (size < 0) return size;
    const message = new Uint8Array(size === 0 ? CHUNK : size);
    const bytes = calls.read(fd, message, 0, message.length);
    return bytes < 0 ? bytes : message.subarray(0, bytes);
  }

  isEnd(answer: Uint8Array | number): boolean {
    return typeof answer !== 'number' && isEnd(this.#kind, answer.length, CHUNK);
  }

  nothing(): Uint8Array {
    return new Uint8Array(0);
  }
}
