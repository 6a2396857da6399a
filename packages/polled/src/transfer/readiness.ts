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

/** Who waits for readiness. */
export interface Sleeper {
  /** The descriptor may be ready. */
  wake(): void;
  /** {@link wake}, for who takes a function: made when it is first asked for. */
  readonly waker: Waker;
}

/** The readiness of a descriptor, whichever part of the driver watches it. */
export interface Readiness extends Disposable, Referenced {
  poll(sleeper: Sleeper, slot: InterestSlot, events: PollEvents): Poll<PollEvents>;
  /** @param drained see `PollFdReady.clearFdReady` */
  clear(slot: InterestSlot, drained: boolean): void;
}

/** The calls of a part of the driver. */
interface ReadinessCalls<R> {
  poll(ready: R, waker: Waker, slot: InterestSlot, events: PollEvents): Poll<PollEvents>;
  clear(ready: R, slot: InterestSlot, drained: boolean): void;
}

const FD_CALLS: ReadinessCalls<PollFdReady> = {
  poll: (ready, waker, slot, events) => ready.pollFdReady(waker, slot, events),
  clear: (ready, slot, drained) => ready.clearFdReady(slot, drained),
};

const SOCKET_CALLS: ReadinessCalls<PollSocketReady> = {
  poll: (ready, waker, slot, events) => ready.pollSocketReady(waker, slot, events),
  clear: (ready, slot, drained) => ready.clearSocketReady(slot, drained),
};

class DriverReadiness<R extends Disposable & Referenced> implements Readiness {
  readonly #ready: R;
  readonly #calls: ReadinessCalls<R>;

  constructor(ready: R, calls: ReadinessCalls<R>) {
    this.#ready = ready;
    this.#calls = calls;
  }

  poll(sleeper: Sleeper, slot: InterestSlot, events: PollEvents): Poll<PollEvents> {
    return this.#calls.poll(this.#ready, sleeper.waker, slot, events);
  }

  clear(slot: InterestSlot, drained: boolean): void {
    this.#calls.clear(this.#ready, slot, drained);
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

/**
 * Watches a descriptor of any kind.
 *
 * @throws EBADF; EPERM for what the kernel cannot poll; ERR_POLYRING_CLOSED
 */
export function fdReadiness(driver: Driver, fd: RawFd): Readiness {
  return new DriverReadiness(driver.newDynFdReady(fd), FD_CALLS);
}

/**
 * Watches a socket.
 *
 * @throws EBADF, ENOTSOCK; ERR_POLYRING_CLOSED
 */
export function socketReadiness(driver: Driver, socket: RawFd): Readiness {
  return new DriverReadiness(driver.newDynSocketReady(socket), SOCKET_CALLS);
}
