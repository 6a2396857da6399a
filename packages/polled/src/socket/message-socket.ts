import { invalidArgType, type RawFd } from '@polyring/core';
import {
  MSG_OOB,
  MSG_PEEK,
  type OutgoingMessage,
  type ReceivedMessage,
  type SocketAddress,
  type SocketAddressInput,
  tryRecv,
  tryRecvmsg,
  trySend,
  trySendmsg,
  viewLength,
} from '@polyring/sys';
import { PolledStream } from '../stream/polled-stream.js';
import type { ReadHalf } from '../stream/read-half.js';
import type { StreamKind } from '../stream/stream-kind.js';
import type { WriteHalf } from '../stream/write-half.js';
import type { CallOptions } from '../transfer/call-options.js';
import type { Channel } from '../transfer/channel.js';
import type { Lane } from '../transfer/lane.js';
import { checkLength, checkOffset, firstWithRoom, type RangeOptions, totalLength } from '../transfer/range.js';
import type { ReadAhead } from '../transfer/read-ahead.js';

/** How bytes are sent or received. */
export interface MessageOptions extends RangeOptions {
  /** MSG_* bits. */
  readonly flags?: number | undefined;
}

/** A datagram, or the part of it that there was room for. */
export interface ReceivedFrom {
  /** The bytes received. With MSG_TRUNC among the flags asked for, the datagram's whole length. */
  readonly bytes: number;
  /** Who sent it, where the socket's type tells. */
  readonly address: SocketAddress | undefined;
  /** What the kernel says of it, such as MSG_TRUNC for a datagram that was cut short. */
  readonly flags: number;
}

/** What a message to receive is taken into. */
export interface MessageBuffers extends CallOptions {
  /** Where the bytes go, in at most 1024 pieces. */
  readonly buffers: readonly ArrayBufferView[];
  /** The most descriptors to take, which are then the receiver's to close. Default 0: what comes is closed. */
  readonly maximumFds?: number | undefined;
  /** MSG_* bits. */
  readonly flags?: number | undefined;
}

/** What a socket has beyond a stream: messages, with flags, addresses and descriptors. */
export abstract class MessageSocket extends PolledStream {
  readonly #channel: Channel<ReadAhead>;
  readonly #kind: StreamKind;

  constructor(channel: Channel<ReadAhead>, kind: StreamKind, reader: ReadHalf, writer: WriteHalf) {
    super(channel, reader, writer);
    this.#channel = channel;
    this.#kind = kind;
  }

  /**
   * Receives, with flags. See {@link read}.
   *
   * @returns the bytes received; 0 at the end of a stream. With MSG_TRUNC, a datagram's whole length
   */
  recv(buffer: ArrayBufferView, options?: MessageOptions): Promise<number> {
    const { reading, ahead } = this.#channel;
    const flags = options?.flags ?? 0;
    if ((flags & MSG_OOB) !== 0) return this.#transfer(reading, tryRecv, 'recv', buffer, options);
    if ((flags & ~MSG_PEEK) !== 0) ahead?.stop();
    const { stream } = this.#kind;
    const call = (fd: RawFd, view: ArrayBufferView, offset: number, length: number) =>
      (length === 0 && stream ? 0 : ahead?.take(view, offset, length, (flags & MSG_PEEK) !== 0)) ??
      tryRecv(fd, view, offset, length, flags);
    return this.#transfer(reading, call, 'recv', buffer, options);
  }

  /** Sends, with flags. See {@link write}. */
  send(buffer: ArrayBufferView, options?: MessageOptions): Promise<number> {
    return this.#transfer(this.#channel.writing, trySend, 'send', buffer, options);
  }

  /** Receives and leaves what was received to the next call. See {@link read}. */
  peek(buffer: ArrayBufferView, options?: RangeOptions): Promise<number> {
    return this.recv(buffer, { ...options, flags: MSG_PEEK });
  }

  /** Receives a datagram with its sender. See {@link read}. */
  async recvfrom(buffer: ArrayBufferView, options: MessageOptions = {}): Promise<ReceivedFrom> {
    const buffers = [partOf(buffer, options)];
    const { bytes, address, flags } = await this.recvmsg({ ...options, buffers });
    return { bytes, address, flags };
  }

  /** Sends to an address. See {@link write}. */
  async sendto(buffer: ArrayBufferView, address: SocketAddressInput, options: MessageOptions = {}): Promise<number> {
    return this.sendmsg({ buffers: [partOf(buffer, options)], address, flags: options.flags ?? 0 }, options);
  }

  /**
   * Receives a message, with the descriptors that came with it (SCM_RIGHTS, unix(7)). See {@link read}.
   */
  recvmsg(message: MessageBuffers): Promise<ReceivedMessage> {
    try {
      const { signal, timeout, ...incoming } = requireObject(message, 'message');
      const { fd } = this;
      const asked = { buffers: incoming.buffers, maximumFds: incoming.maximumFds ?? 0, flags: incoming.flags ?? 0 };
      const eager = isEager(totalLength(asked.buffers), asked.flags);
      const { reading, ahead } = this.#channel;
      ahead?.stop();
      const first = firstWithRoom(asked.buffers);
      const attempt = () => {
        const taken = first && ahead?.take(first.view, 0, first.length);
        if (taken === undefined) return tryRecvmsg(fd, asked);
        return taken < 0 ? taken : { bytes: taken, fds: [], address: undefined, flags: 0 };
      };
      return reading.run({ syscall: 'recvmsg', eager, attempt }, { signal, timeout });
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * Sends a message, to an address or with descriptors (SCM_RIGHTS, unix(7)) if it has any. Descriptors stay the
   * sender's too: leave them open until the promise settled. See {@link write}.
   */
  sendmsg(message: OutgoingMessage, options?: CallOptions): Promise<number> {
    const { fd } = this;
    return this.#channel.writing.run({ syscall: 'sendmsg', attempt: () => trySendmsg(fd, message) }, options);
  }

  #transfer(
    lane: Lane,
    call: (fd: RawFd, buffer: ArrayBufferView, offset: number, length: number, flags: number) => number,
    syscall: string,
    buffer: ArrayBufferView,
    options: MessageOptions | undefined,
  ): Promise<number> {
    try {
      const bytes = viewLength(buffer, 'buffer');
      const offset = checkOffset(bytes, options);
      const length = checkLength(bytes - offset, options);
      const flags = options?.flags ?? 0;
      const { fd } = this;
      const eager = isEager(length, flags);
      return lane.run({ syscall, eager, attempt: () => call(fd, buffer, offset, length, flags) }, options);
    } catch (error) {
      return Promise.reject(error);
    }
  }
}

/** Whether a call may be done where another has to wait: it moves nothing, or asks for something else by its flags. */
function isEager(length: number, flags: number): boolean {
  return length === 0 || (flags & ~MSG_PEEK) !== 0;
}

function partOf(buffer: ArrayBufferView, options: RangeOptions): ArrayBufferView {
  const bytes = viewLength(buffer, 'buffer');
  const offset = checkOffset(bytes, options);
  const length = checkLength(bytes - offset, options);
  return new Uint8Array(buffer.buffer, buffer.byteOffset + offset, length);
}

function requireObject<T>(value: T, name: string): T {
  if (typeof value !== 'object' || value === null) throw invalidArgType(name, 'of type object', value);
  return value;
}
