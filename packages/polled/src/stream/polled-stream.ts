import { InterestSlot, type Pending, PollEvents, type RawFd, type Referenced } from '@polyring/core';
import type { CallOptions } from '../transfer/call-options.js';
import type { Channel } from '../transfer/channel.js';
import { limited } from '../transfer/limited.js';
import type { RangeOptions } from '../transfer/range.js';
import type { ReadAhead } from '../transfer/read-ahead.js';
import type { ReadHalf } from './read-half.js';
import type { WriteHalf } from './write-half.js';

/** What somebody waits for who receives himself: urgent data too, which the kernel drops once it was read past (tcp(7)). */
const RECEIVES = PollEvents.IN | PollEvents.PRI;

/** A descriptor that was given back. */
export interface GivenDescriptor {
  /** It is the caller's to close. */
  readonly fd: RawFd;
  /** What was received, and nobody had read: it comes before what the descriptor gives. Empty as a rule. */
  readonly unread: Buffer;
}

/** What sockets and pipes have in common: bytes in, bytes out, and an end. */
export abstract class PolledStream implements Disposable, AsyncDisposable, Referenced {
  readonly #channel: Channel<ReadAhead>;
  readonly #reader: ReadHalf;
  readonly #writer: WriteHalf;

  constructor(channel: Channel<ReadAhead>, reader: ReadHalf, writer: WriteHalf) {
    this.#channel = channel;
    this.#reader = reader;
    this.#writer = writer;
  }

  /** The descriptor. It belongs to this object until {@link intoFd}. */
  get fd(): RawFd {
    return this.#channel.fd;
  }

  /** Whether this was disposed of, or both of its halves were. */
  get disposed(): boolean {
    return this.#channel.disposed;
  }

  /** See {@link ReadHalf.readable}. */
  get readable(): ReadableStream<Uint8Array> {
    return this.#reader.readable;
  }

  /** See {@link WriteHalf.writable}. */
  get writable(): WritableStream<Uint8Array> {
    return this.#writer.writable;
  }

  /** See {@link ReadHalf.read}. */
  read(buffer: ArrayBufferView, options?: RangeOptions): Promise<number> {
    return this.#reader.read(buffer, options);
  }

  /** See {@link ReadHalf.readv}. */
  readv(buffers: readonly ArrayBufferView[], options?: CallOptions): Promise<number> {
    return this.#reader.readv(buffers, options);
  }

  /** See {@link WriteHalf.write}. */
  write(buffer: ArrayBufferView, options?: RangeOptions): Promise<number> {
    return this.#writer.write(buffer, options);
  }

  /** See {@link WriteHalf.writeAll}. */
  writeAll(buffer: ArrayBufferView, options?: RangeOptions): Promise<number> {
    return this.#writer.writeAll(buffer, options);
  }

  /** See {@link WriteHalf.writev}. */
  writev(buffers: readonly ArrayBufferView[], options?: CallOptions): Promise<number> {
    return this.#writer.writev(buffers, options);
  }

  /**
   * The two halves, to be used and disposed of on their own. Once both are disposed of the descriptor is closed.
   * This object goes on working on the halves that are left; each time the same halves.
   */
  split(): [reader: ReadHalf, writer: WriteHalf] {
    return [this.#reader, this.#writer];
  }

  /**
   * Does any call that does not block whenever the descriptor is ready, until it did not say EAGAIN. It waits beside
   * the other calls of this object, not in their queue. See `PolledFd.pollIo`.
   *
   * @param io for EAGAIN it returns undefined or `Pending`, or throws an error with that code
   * @throws (rejects) what `io` throws; AbortError; ERR_POLYRING_TIMEOUT, ERR_POLYRING_DISPOSED, ERR_POLYRING_CLOSED;
   * ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
   */
  pollIo<T>(
    slot: InterestSlot,
    events: PollEvents,
    io: (ready: PollEvents) => T | undefined | Pending,
    options?: CallOptions,
  ): Promise<T> {
    const { driver } = this.#channel;
    return limited(driver, options, async (limits) => {
      const hatch = this.#channel.hatch();
      if (slot === InterestSlot.Read && (events & RECEIVES) !== 0) await this.#channel.ahead?.quiet();
      return hatch.pollIo(slot, events, io, limits);
    });
  }

  /** Lets waiting keep the process alive. This is how it starts. */
  ref(): this {
    this.#channel.ref();
    return this;
  }

  /** Lets the process end in the middle of a wait. */
  unref(): this {
    this.#channel.unref();
    return this;
  }

  hasRef(): boolean {
    return this.#channel.hasRef();
  }

  /**
   * Gives the descriptor back, open and non-blocking. This object ends at once, as if it were disposed of, and what is
   * done to it from then on changes nothing: the descriptor is the caller's to close.
   *
   * @throws (rejects) ERR_POLYRING_DISPOSED
   */
  async intoFd(): Promise<GivenDescriptor> {
    let unread: Buffer = Buffer.alloc(0);
    const fd = await this.#channel.give((ahead) => {
      unread = ahead.takeAll();
    });
    return { fd, unread };
  }

  /**
   * Ends whoever waits with ERR_POLYRING_DISPOSED, and closes the descriptor: at once, or as soon as a ring has let go
   * of it. See {@link close}.
   */
  [Symbol.dispose](): void {
    this.#channel[Symbol.dispose]();
  }

  /** As `[Symbol.dispose]`. Resolves when the descriptor is closed. */
  close(): Promise<void> {
    this.#channel[Symbol.dispose]();
    return this.#channel.closing();
  }

  /** See {@link close}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
