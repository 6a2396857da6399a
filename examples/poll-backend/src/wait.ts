import {
  checkWaker,
  Errno,
  Pending,
  type Poll,
  PollEvents,
  type PollWait,
  type RawFd,
  shortReadError,
  systemError,
  type Waker,
  WakerCell,
} from '@polyring/core';
import { tryRead } from '@polyring/sys';
import type { DriverContext } from './driver-context.js';
import { Watched } from './watched.js';

const { EAGAIN } = Errno;
const READABLE = PollEvents.IN | PollEvents.ERR | PollEvents.HUP;

/**
 * A consuming wait: each poll tries the read, and where there is nothing the thread says when to try again.
 *
 * Only a poll reads, so nothing is consumed behind the caller's back: a cancel is always false.
 */
export class Wait extends Watched implements PollWait {
  readonly #readSize: number;
  readonly #waker = new WakerCell();
  readonly #value = new BigUint64Array(1);
  readonly #bytes = new Uint8Array(this.#value.buffer);

  constructor(fd: RawFd, readSize: number, driver: DriverContext) {
    super('wait', fd, driver);
    this.#readSize = readSize;
  }

  get value(): bigint {
    return this.#value[0] as bigint;
  }

  pollWait(waker: Waker): Poll<undefined> {
    this.check();
    checkWaker(waker);
    const length = tryRead(this.fd, this.#bytes, 0, this.#readSize);
    if (length === EAGAIN) {
      this.#waker.set(waker);
      this.expect();
      return Pending;
    }
    this.#end();
    if (length < 0) throw systemError(length, 'read', { fd: this.fd });
    if (length < this.#readSize) {
      this.#bytes.fill(0, length);
      throw shortReadError(this.fd, this.#readSize, length);
    }
    return undefined;
  }

  pollCancelWait(waker: Waker): Poll<boolean> {
    this.check();
    checkWaker(waker);
    this.#end();
    return false;
  }

  get wanted(): PollEvents {
    return this.#waker.waiting ? READABLE : 0;
  }

  protected override take(): void {
    this.#waker.wake();
  }

  protected override wakeWaiters(): void {
    this.#waker.wake();
  }

  protected override forget(): void {
    this.#waker.clear();
  }

  #end(): void {
    this.#waker.clear();
    this.settle();
  }
}
