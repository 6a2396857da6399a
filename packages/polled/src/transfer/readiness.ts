import type {
  Driver,
  InterestSlot,
  Poll,
  PollEvents,
  PollFdReady,
  PollSocketReady,
  RawFd,
  Referenced,
  Waker,
} from '@polyring/core';

/** The readiness of a descriptor, whichever part of the driver watches it. */
export interface Readiness extends Disposable, Referenced {
  poll(waker: Waker, slot: InterestSlot, events: PollEvents): Poll<PollEvents>;
  clear(slot: InterestSlot): void;
}

/** Watches a descriptor of any kind. */
export class FdReadiness implements Readiness {
  readonly #ready: PollFdReady;

  /** @throws EBADF; EPERM for what the kernel cannot poll; ERR_POLYRING_CLOSED */
  constructor(driver: Driver, fd: RawFd) {
    this.#ready = driver.newDynFdReady(fd);
  }

  poll(waker: Waker, slot: InterestSlot, events: PollEvents): Poll<PollEvents> {
    return this.#ready.pollFdReady(waker, slot, events);
  }

  clear(slot: InterestSlot): void {
    this.#ready.clearFdReady(slot);
  }

  ref(): this {
    this.#ready.ref();
    return this;
  }

  unref(): this {
    this.#ready.unref();
    return this;
  }

  hasRef(): boolean {
    return this.#ready.hasRef();
  }

  [Symbol.dispose](): void {
    this.#ready[Symbol.dispose]();
  }
}

/** Watches a socket. */
export class SocketReadiness implements Readiness {
  readonly #ready: PollSocketReady;

  /** @throws EBADF, ENOTSOCK; ERR_POLYRING_CLOSED */
  constructor(driver: Driver, socket: RawFd) {
    this.#ready = driver.newDynSocketReady(socket);
  }

  poll(waker: Waker, slot: InterestSlot, events: PollEvents): Poll<PollEvents> {
    return this.#ready.pollSocketReady(waker, slot, events);
  }

  clear(slot: InterestSlot): void {
    this.#ready.clearSocketReady(slot);
  }

  ref(): this {
    this.#ready.ref();
    return this;
  }

  unref(): this {
    this.#ready.unref();
    return this;
  }

  hasRef(): boolean {
    return this.#ready.hasRef();
  }

  [Symbol.dispose](): void {
    this.#ready[Symbol.dispose]();
  }
}
