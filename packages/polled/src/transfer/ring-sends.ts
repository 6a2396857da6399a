import {
  type Driver,
  IORING_OP_SEND,
  type IoUringResources,
  isPolyringError,
  type RawFd,
  type Sender,
  type SendSink,
} from '@polyring/core';
import type { RingWork, RingWorkHost } from './completing.js';

/** The most bytes that one operation is given: each is copied, and what follows finds room without it. */
const LARGEST = 16_384;

/**
 * The most bytes of a write that the ring does from the start where others come together with it: one call hands all of
 * them to the kernel. That saves the same for each, and the copy costs more the larger it is. Not compared with others.
 */
const SMALL = 4096;

/** The most bytes that all sends of a ring may hold, and the part of the driver's memory that they may be. */
const MOST_IN_FLIGHT = 8 * 1024 * 1024;
const PART_OF_POOL = 8;

/** What all sends of a ring hold of the driver's memory, in bytes. */
interface Held {
  bytes: number;
  readonly most: number;
}

const heldBySends = new WeakMap<IoUringResources, Held>();

function heldOf(ioUring: IoUringResources): Held {
  const held = heldBySends.get(ioUring) ?? {
    bytes: 0,
    most: Math.min(MOST_IN_FLIGHT, ioUring.pool.limit / PART_OF_POOL),
  };
  heldBySends.set(ioUring, held);
  return held;
}

/** How a ring sends on a stream socket: a copy of the bytes waits in the driver's memory. */
export class RingSends implements SendSink, RingWork {
  readonly #sender: Sender;
  readonly #held: Held;
  /** Bytes of the send in flight. */
  #bytes = 0;
  /** Who is told of the send in flight. */
  #host: RingWorkHost | undefined;

  private constructor(ioUring: IoUringResources, socket: RawFd) {
    this.#sender = ioUring.sender(socket, this);
    this.#held = heldOf(ioUring);
  }

  /** Those of a stream socket; undefined where the kernel does not grant them. */
  static of(driver: Driver, socket: RawFd): RingSends | undefined {
    if (!driver.ioUringProbe(IORING_OP_SEND)) return undefined;
    const { ioUring } = driver;
    return ioUring.features.sender ? new RingSends(ioUring, socket) : undefined;
  }

  /** Whether a write of so many bytes is the ring's from the start. */
  isFirst(length: number): boolean {
    return length > 0 && length <= SMALL && this.#sender.together;
  }

  /** Starts to send; undefined where so many sends wait that one more is better off without a copy. */
  start(
    view: ArrayBufferView,
    offset: number,
    length: number,
    whole: boolean,
    host: RingWorkHost,
  ): RingWork | undefined {
    const bytes = Math.min(length, LARGEST);
    if (this.#held.bytes + bytes > this.#held.most) return undefined;
    try {
      this.#sender.send(view, offset, bytes, whole);
    } catch (error) {
      if (isPolyringError(error) && error.code === 'ERR_POLYRING_POOL_EXHAUSTED') return undefined;
      throw error;
    }
    this.#host = host;
    this.#bytes = bytes;
    this.#held.bytes += bytes;
    return this;
  }

  flush(): number | undefined {
    return this.#sender.flush();
  }

  cancel(): void {
    this.#sender.cancel();
  }

  sent(result: number): void {
    this.#held.bytes -= this.#bytes;
    this.#host?.completed(result);
  }

  failed(error: Error): void {
    this.#held.bytes -= this.#bytes;
    this.#host?.completed(error);
  }
}
