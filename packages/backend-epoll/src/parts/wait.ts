import {
  Activity,
  checkWaker,
  disposedError,
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
import type { DriverContext } from '../driver-context.js';
import type { Member, Registration } from '../registration.js';

const { EAGAIN, EBADF } = Errno;

const WAKING = PollEvents.IN | PollEvents.ERR | PollEvents.HUP;

/**
 * A consuming wait: each poll tries the read, and EAGAIN waits for the descriptor to become readable.
 *
 * Only a poll reads, never the drain, so nothing is consumed behind the caller's back: a cancel is false, and
 * disposing loses no signal.
 */
export class EpollWait extends Activity implements PollWait, Member {
  readonly #fd: RawFd;
  readonly #readSize: number;
  readonly #driver: DriverContext;
  readonly #waker = new WakerCell();
  readonly #registration: Registration;
  /** What the last read gave. The machine's byte order is little-endian, so shorter values stand in its low bytes. */
  readonly #value = new BigUint64Array(1);
  readonly #bytes = new Uint8Array(this.#value.buffer);

  constructor(fd: RawFd, readSize: number, driver: DriverContext) {
    super(driver.hold);
    this.#fd = fd;
    this.#readSize = readSize;
    this.#driver = driver;
    this.#registration = driver.set.join(fd, this);
  }

  get value(): bigint {
    return this.#value[0]!;
  }

  pollWait(waker: Waker): Poll<undefined> {
    this.#check();
    checkWaker(waker);
    const length = this.#read();
    if (length === EAGAIN) {
      this.#park(waker);
      return Pending;
    }
    this.#unpark();
    if (length < 0) throw systemError(length, 'read', { fd: this.#fd });
    if (length < this.#readSize) {
      this.#bytes.fill(0, length);
      throw shortReadError(this.#fd, this.#readSize, length);
    }
    return undefined;
  }

  pollCancelWait(waker: Waker): Poll<boolean> {
    this.#check();
    checkWaker(waker);
    this.#unpark();
    return false;
  }

  get wanted(): PollEvents {
    return this.#waker.waiting ? WAKING : 0;
  }

  deliver(events: PollEvents): boolean {
    if ((events & this.wanted) === 0) return false;
    this.wakeAll();
    return true;
  }

  wakeAll(): void {
    this.#waker.wake();
    this.active = this.#waker.waiting;
  }

  [Symbol.dispose](): void {
    if (!this.end()) return;
    this.#unpark();
    this.#driver.set.leave(this.#registration, this);
  }

  /** Never by a number that means another file: that would take somebody else's bytes. */
  #read(): number {
    return this.#registration.stale ? EBADF : tryRead(this.#fd, this.#bytes, 0, this.#readSize);
  }

  #park(waker: Waker): void {
    this.#waker.set(waker);
    try {
      this.#driver.set.expect(this.#registration, this);
    } catch (error) {
      this.#unpark();
      throw error;
    }
    this.active = true;
  }

  #unpark(): void {
    this.#waker.clear();
    this.active = false;
  }

  #check(): void {
    if (this.disposed) throw disposedError('wait');
    this.#driver.checkOpen();
  }
}
