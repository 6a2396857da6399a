import { Activity, disposedError, Errno, type PollEvents, type RawFd, systemError } from '@polyring/core';
import { POLLNVAL } from '@polyring/sys';
import type { DriverContext } from './driver-context.js';
import type { Listener, Registration } from './registration.js';

/** What the driver's objects that watch a descriptor have in common. */
export abstract class Watched extends Activity implements Listener, Disposable {
  readonly fd: RawFd;
  readonly registration: Registration;
  readonly #kind: string;
  readonly #driver: DriverContext;
  #closedEarly = false;

  /** @param kind what the object is, for the text of errors */
  constructor(kind: string, fd: RawFd, driver: DriverContext) {
    super(driver.hold);
    this.fd = fd;
    this.#kind = kind;
    this.#driver = driver;
    this.registration = driver.thread.register(fd, this);
    driver.watched.add(this);
  }

  abstract get wanted(): PollEvents;

  /** Keeps the events and wakes those who wait for one of them. */
  protected abstract take(events: PollEvents): void;

  /** Wakes every waiter without an event, so that its next poll throws. */
  protected abstract wakeWaiters(): void;

  /** Withdraws every waiter. */
  protected abstract forget(): void;

  deliver(events: PollEvents): void {
    if ((events & POLLNVAL) !== 0) this.#closedEarly = true;
    if (this.#closedEarly) this.wakeWaiters();
    else this.take(events);
    this.settle();
  }

  /** Tells every waiter that the driver is closed. */
  wakeAll(): void {
    this.wakeWaiters();
    this.settle();
  }

  [Symbol.dispose](): void {
    if (!this.end()) return;
    this.forget();
    this.settle();
    this.#driver.watched.delete(this);
    this.#driver.thread.remove([this.registration]);
  }

  /** Throws if the object cannot be polled any more. */
  protected check(): void {
    if (this.disposed) throw disposedError(this.#kind);
    this.#driver.checkOpen();
    if (this.#closedEarly) throw systemError(Errno.EBADF, 'poll', { fd: this.fd });
  }

  /** To be called when a waiter came: it is watched for, and keeps the process alive. */
  protected expect(): void {
    this.#driver.thread.arm(this.registration);
    this.settle();
  }

  /** To be called when a waiter went. */
  protected settle(): void {
    this.active = this.wanted !== 0;
  }
}
