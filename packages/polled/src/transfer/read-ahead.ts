import {
  type BufferRing,
  type Completion,
  type CompletionSink,
  type Driver,
  type InterestSlot,
  type MultishotControl,
  Pending,
  type Poll,
  PollEvents,
  type RawFd,
  recvMultishot,
  type Waker,
} from '@polyring/core';
import { EAGAIN } from './again.js';
import type { Readiness } from './readiness.js';
import { RECEIVE_BUFFER_SIZE } from './receive-buffers.js';

/** Bytes, and pieces of any size, that may wait for a reader before nothing more is received. */
const HIGH_WATER_MARK = 32_768;
const MOST_CHUNKS = 64;
/** Full buffers in a row after which the sender is taken for one of large amounts. */
const FULL_IN_A_ROW = 8;

/** Idle: nothing was started. Running: the kernel receives. Stopping, direct: it does so no more, and the caller does. */
type State = 'idle' | 'running' | 'stopping' | 'direct' | 'ended';

/** What a {@link ReadAhead} asks of its descriptor. */
export interface ReadAheadHost {
  readonly driver: Driver;
  readonly fd: RawFd;
  /** The readiness that the kernel reports, for when this does not receive. */
  kernelReadiness(): Readiness;
}

/**
 * Has the kernel receive on a stream socket by one operation that completes again and again, into buffers that all
 * sockets share, so that a message costs no submission and a socket that waits occupies no memory.
 *
 * What it received is there for {@link take}. It is the readiness of the reading direction as well: a lane waits on it
 * as it waits on a descriptor, and so an abort or a timeout takes no bytes away. A sender that fills buffer after
 * buffer is received from directly, in larger pieces.
 */
export class ReadAhead implements CompletionSink, Readiness {
  readonly #host: ReadAheadHost;
  readonly #buffers: BufferRing;
  #state: State = 'idle';
  #control: MultishotControl | undefined;
  /** Bytes that wait, in place in the buffer of the completion under way or copied out of it. */
  readonly #chunks: Buffer[] = [];
  #size = 0;
  #waker: Waker | undefined;
  #paused = false;
  /** The pause has come into effect. */
  #quiet = false;
  #fullInARow = 0;
  #failure: (Error & { errno?: number }) | undefined;
  #referenced = true;
  readonly #whenOver: (() => void)[] = [];

  constructor(host: ReadAheadHost, buffers: BufferRing) {
    this.#host = host;
    this.#buffers = buffers;
  }

  /** Whether the kernel works on the descriptor. */
  get active(): boolean {
    return this.#control !== undefined && this.#state !== 'ended';
  }

  /**
   * Takes bytes that were received.
   *
   * @returns their count; 0 at the end; a negative error number, EAGAIN to wait for; undefined if the caller has to
   * ask the kernel itself
   */
  take(view: ArrayBufferView, offset: number, length: number, peek = false): number | undefined {
    const chunk = this.#chunks[0];
    if (chunk !== undefined) {
      const target = new Uint8Array(view.buffer, view.byteOffset + offset, length);
      return peek ? this.#peek(chunk, target) : this.#copy(target);
    }
    if (this.#state === 'idle' || this.#state === 'direct') return undefined;
    if (this.#state !== 'ended') return EAGAIN;
    const failure = this.#failure;
    if (failure === undefined) return 0;
    if (failure.errno === undefined) throw failure;
    this.#failure = undefined;
    return failure.errno;
  }

  /** Receives no more ahead: whoever reads from now on asks the kernel, after what was received before. */
  stop(): void {
    if (this.#state === 'idle') this.#state = 'direct';
    if (this.#state !== 'running') return;
    this.#state = 'stopping';
    if (this.#paused && this.#quiet) this.paused();
    else this.#pause();
  }

  /** As {@link stop}. Resolves when it is so. */
  async quiet(): Promise<void> {
    this.stop();
    if (this.#state !== 'stopping') return;
    this.#control?.ref();
    await new Promise<void>((resolve) => this.#whenOver.push(resolve));
  }

  /** As {@link quiet}, with what was received before. */
  async stopped(): Promise<Buffer> {
    await this.quiet();
    this.#size = 0;
    return Buffer.concat(this.#chunks.splice(0));
  }

  /** Ends it. Calls back, possibly at once, when the kernel has let go of the descriptor. */
  end(over: () => void): void {
    this.#waker = undefined;
    this.#chunks.length = 0;
    if (!this.active) {
      over();
      return;
    }
    this.#whenOver.push(over);
    // Whoever waits for the end is to see it, though nobody reads any more.
    this.#control?.ref();
    this.#control?.cancel();
  }

  poll(waker: Waker, slot: InterestSlot, events: PollEvents): Poll<PollEvents> {
    if (this.#state === 'direct') return this.#host.kernelReadiness().poll(waker, slot, events);
    if (this.#size > 0 || this.#state === 'ended') return PollEvents.IN;
    this.#waker = waker;
    if (this.#state === 'idle') this.#start();
    else if (this.#paused && this.#state === 'running') {
      this.#paused = false;
      this.#control?.resume();
    }
    return Pending;
  }

  clear(slot: InterestSlot): void {
    if (this.#state === 'direct') this.#host.kernelReadiness().clear(slot);
  }

  ref(): this {
    this.#referenced = true;
    this.#control?.ref();
    return this;
  }

  unref(): this {
    this.#referenced = false;
    this.#control?.unref();
    return this;
  }

  hasRef(): boolean {
    return this.#referenced;
  }

  [Symbol.dispose](): void {
    this.end(() => {});
  }

  completed(completion: Completion): void {
    const { bytes } = completion;
    if (bytes !== undefined && bytes.length > 0) this.#received(bytes);
    completion.release();
  }

  paused(): void {
    this.#quiet = true;
    if (this.#state !== 'stopping') return;
    this.#state = 'direct';
    this.#over();
  }

  ended(error: Error | undefined): void {
    this.#state = 'ended';
    this.#failure = error;
    this.#over();
  }

  #start(): void {
    this.#state = 'running';
    this.#control = this.#host.driver.ioUring.multishotInto(recvMultishot(this.#host.fd, this.#buffers), this);
    if (!this.#referenced) this.#control.unref();
  }

  #pause(): void {
    if (this.#paused) return;
    this.#paused = true;
    this.#quiet = false;
    this.#control?.pause();
  }

  #received(bytes: Buffer): void {
    this.#chunks.push(bytes);
    this.#size += bytes.length;
    this.#wake();
    // What nobody took is copied: the buffer belongs to every socket of the driver.
    const last = this.#chunks.length - 1;
    const rest = this.#chunks[last];
    if (rest !== undefined) this.#chunks[last] = Buffer.from(rest);
    this.#fullInARow = bytes.length < RECEIVE_BUFFER_SIZE ? 0 : this.#fullInARow + 1;
    if (this.#fullInARow >= FULL_IN_A_ROW) this.stop();
    else if (this.#size >= HIGH_WATER_MARK || this.#chunks.length >= MOST_CHUNKS) this.#pause();
  }

  #peek(chunk: Buffer, target: Uint8Array): number {
    const part = chunk.subarray(0, target.length);
    target.set(part);
    return part.length;
  }

  #copy(target: Uint8Array): number {
    let copied = 0;
    while (copied < target.length) {
      const chunk = this.#chunks[0];
      if (chunk === undefined) break;
      const part = chunk.length > target.length - copied ? chunk.subarray(0, target.length - copied) : chunk;
      target.set(part, copied);
      copied += part.length;
      if (part === chunk) this.#chunks.shift();
      else this.#chunks[0] = chunk.subarray(part.length);
    }
    this.#size -= copied;
    return copied;
  }

  #wake(): void {
    const waker = this.#waker;
    this.#waker = undefined;
    waker?.();
  }

  #over(): void {
    for (const over of this.#whenOver.splice(0)) over();
    this.#wake();
  }
}
