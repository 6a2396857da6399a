import { type Driver, type Entry, IORING_OP_SEND, type IoUringResources, type RawFd, send } from '@polyring/core';
import { MSG_WAITALL } from '@polyring/sys';

/** The most bytes that one operation is given: each is copied, and what follows finds room without it. */
const LARGEST = 16_384;

/** The most memory of a driver that sends may hold while they wait, and its part of all that there may be. */
const MOST_IN_FLIGHT = 8 * 1024 * 1024;
const PART_OF_POOL = 8;

const ofRing = new WeakMap<IoUringResources, RingSends>();

/** How a ring sends what finds no room on a stream socket: a copy of it waits in the driver's memory. */
export class RingSends {
  readonly #ioUring: IoUringResources;

  constructor(ioUring: IoUringResources) {
    this.#ioUring = ioUring;
  }

  /**
   * That of a driver; undefined where the kernel does not grant it. It needs to be told what a send that was cancelled
   * had sent before. Linux 6.1 tells, which brought sends of messages without a copy too.
   */
  static of(driver: Driver): RingSends | undefined {
    if (!driver.ioUringProbe(IORING_OP_SEND) || !driver.ioUring.features.sendmsgZc) return undefined;
    const { ioUring } = driver;
    const sends = ofRing.get(ioUring) ?? new RingSends(ioUring);
    ofRing.set(ioUring, sends);
    return sends;
  }

  /**
   * An operation that sends bytes of a view; undefined where so many wait that one more is better off without a copy.
   *
   * @param whole whether it is over when all is sent, and not when some is
   */
  entry(fd: RawFd, view: ArrayBufferView, offset: number, length: number, whole: boolean): Entry | undefined {
    const { inFlight, limit } = this.#ioUring.pool;
    if (inFlight > Math.min(MOST_IN_FLIGHT, limit / PART_OF_POOL)) return undefined;
    const bytes = new Uint8Array(view.buffer, view.byteOffset + offset, Math.min(length, LARGEST));
    return send(fd, bytes, { flags: whole ? MSG_WAITALL : 0, pollFirst: true });
  }
}
