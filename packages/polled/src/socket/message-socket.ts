import { checkInteger, checkObject, MAXIMUM_MESSAGE_FDS, PollEvents, type RawFd } from '@polyring/core';
import {
  MSG_ERRQUEUE,
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
import { isEnd, type StreamKind } from '../stream/stream-kind.js';
import type { WriteHalf } from '../stream/write-half.js';
import type { CallOptions } from '../transfer/call-options.js';
import type { Channel } from '../transfer/channel.js';
import type { Lane } from '../transfer/lane.js';
import { bytesOf, checkLength, checkOffset, type RangeOptions, rangeOf, totalLength } from '../transfer/range.js';
import type { ReadAhead } from '../transfer/read-ahead.js';

/** Flags that ask for what the bytes of a stream do not hold: nothing of it is received ahead. */
const BESIDE_THE_BYTES = MSG_OOB | MSG_ERRQUEUE;

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
    try {
      const flags = checkFlags(options?.flags, 'options.flags');
      const ahead = this.#aheadOf(flags);
      const { stream } = this.#kind;
      const call = (fd: RawFd, view: ArrayBufferView, offset: number, length: number) => {
        if (length === 0 && stream && (flags & BESIDE_THE_BYTES) === 0) return 0;
        return ahead?.takeInto([bytesOf(view, offset, length)], flags) ?? tryRecv(fd, view, offset, length, flags);
      };
      return this.#transfer(this.#channel.reading, call, 'recv', buffer, options, eventsOf(flags));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Sends, with flags. See {@link write}. */
  send(buffer: ArrayBufferView, options?: MessageOptions): Promise<number> {
    return this.#transfer(this.#channel.writing, trySend, 'send', buffer, options);
  }

  /** Receives and leaves what was received to the next call. See {@link read}. */
  async peek(buffer: ArrayBufferView, options: RangeOptions = {}): Promise<number> {
    checkObject(options);
    return this.recv(buffer, { ...options, flags: MSG_PEEK });
  }

  /** Receives a datagram with its sender. See {@link read}. */
  async recvfrom(buffer: ArrayBufferView, options: MessageOptions = {}): Promise<ReceivedFrom> {
    checkObject(options);
    const buffers = [rangeOf(buffer, options)];
    const { bytes, address, flags } = await this.recvmsg({ ...options, buffers });
    return { bytes, address, flags };
  }

  /** Sends to an address. See {@link write}. */
  async sendto(buffer: ArrayBufferView, address: SocketAddressInput, options: MessageOptions = {}): Promise<number> {
    checkObject(options);
    return this.sendmsg({ buffers: [rangeOf(buffer, options)], address, flags: options.flags ?? 0 }, options);
  }

  /**
   * Receives a message, with the descriptors that came with it (SCM_RIGHTS, unix(7)). See {@link read}.
   */
  recvmsg(message: MessageBuffers): Promise<ReceivedMessage> {
    try {
      checkObject(message, 'message');
      const { signal, timeout, ...incoming } = message;
      const { fd } = this;
      const flags = checkFlags(incoming.flags, 'message.flags');
      const maximumFds = incoming.maximumFds ?? 0;
      checkInteger(maximumFds, 'message.maximumFds', 0, MAXIMUM_MESSAGE_FDS);
      const asked = { buffers: incoming.buffers, maximumFds, flags };
      const length = totalLength(asked.buffers);
      const eager = isEager(length, flags);
      const events = eventsOf(flags);
      this.#channel.ahead?.stop();
      const ahead = this.#aheadOf(flags);
      const attempt = () => {
        const taken = ahead?.takeInto(asked.buffers, flags);
        if (taken === undefined) return tryRecvmsg(fd, asked);
        return taken < 0 ? taken : bytesAlone(taken);
      };
      const ends = (answer: ReceivedMessage | number) =>
        typeof answer !== 'number' && isEnd(this.#kind, answer.bytes, length);
      return this.#channel.reading.run(
        { syscall: 'recvmsg', eager, events, attempt, isEnd: ends, nothing: bytesAlone },
        { signal, timeout },
      );
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * Sends a message, to an address or with descriptors (SCM_RIGHTS, unix(7)) if it has any. Descriptors stay the
   * sender's too: leave them open until the promise settled. See {@link write}.
   */
  sendmsg(message: OutgoingMessage, options?: CallOptions): Promise<number> {
    try {
      checkObject(message, 'message');
      const { fd } = this;
      return this.#channel.writing.run({ syscall: 'sendmsg', attempt: () => trySendmsg(fd, message) }, options);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** What receives ahead for a call of such flags, if anything does. It stops for one that the kernel is to do. */
  #aheadOf(flags: number): ReadAhead | undefined {
    const { ahead } = this.#channel;
    if ((flags & ~MSG_PEEK) !== 0) ahead?.stop();
    return (flags & BESIDE_THE_BYTES) === 0 ? ahead : undefined;
  }

  #transfer(
    lane: Lane,
    call: (fd: RawFd, buffer: ArrayBufferView, offset: number, length: number, flags: number) => number,
    syscall: string,
    buffer: ArrayBufferView,
    options: MessageOptions | undefined,
    events?: PollEvents,
  ): Promise<number> {
    try {
      const bytes = viewLength(buffer, 'buffer');
      const offset = checkOffset(bytes, options);
      const length = checkLength(bytes - offset, options);
      const flags = checkFlags(options?.flags, 'options.flags');
      const { fd } = this;
      const eager = isEager(length, flags);
      const attempt = () => call(fd, buffer, offset, length, flags);
      const ends = (bytes: number) => isEnd(this.#kind, bytes, length);
      return lane.run({ syscall, eager, events, attempt, isEnd: ends }, options);
    } catch (error) {
      return Promise.reject(error);
    }
  }
}

/** Whether a call may be done where another has to wait: it moves nothing, or asks for something else by its flags. */
function isEager(length: number, flags: number): boolean {
  return length === 0 || (flags & ~MSG_PEEK) !== 0;
}

/** What a receive of such flags waits for, if not for bytes: beside unread ones the error queue may be empty for long. */
function eventsOf(flags: number): PollEvents | undefined {
  return (flags & MSG_ERRQUEUE) === 0 ? undefined : PollEvents.ERR;
}

/** What is received of a stream, or at the end. */
function bytesAlone(bytes = 0): ReceivedMessage {
  return { bytes, fds: [], address: undefined, flags: 0 };
}

function checkFlags(flags: number | undefined, name: string): number {
  const checked = flags ?? 0;
  checkInteger(checked, name, 0, 0x7fffffff);
  return checked;
}
