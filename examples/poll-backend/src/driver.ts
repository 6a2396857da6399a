import {
  blockingFdError,
  checkInteger,
  closedError,
  type Driver,
  type DriverCapabilities,
  DriverHold,
  type DriverParts,
  driverFrom,
  MAXIMUM_WAIT_READ_SIZE,
  NoIoUring,
  type PollTimer,
  type RawFd,
  TimerSet,
} from '@polyring/core';
import { checkPollable, checkSocket, isNonblocking } from '@polyring/sys';
import type { DriverContext } from './driver-context.js';
import { PollThread } from './poll-thread.js';
import { Readiness } from './readiness.js';
import { Wait } from './wait.js';
import type { Watched } from './watched.js';

/** The backend's name. */
export const NAME = 'poll';

/** The parts of one driver over the poll thread. */
class PollParts implements DriverParts, DriverContext {
  readonly name = NAME;
  readonly supports: DriverCapabilities = { ioUring: false };
  readonly thread = PollThread.current();
  readonly hold = new DriverHold(this.thread.hold);
  readonly watched = new Set<Watched>();
  readonly #timers = new TimerSet({
    hold: this.hold,
    checkOpen: () => this.checkOpen(),
    nearer: () => this.thread.schedule(),
  });
  #end: Promise<void> | undefined;

  constructor() {
    this.thread.addTimers(this.#timers);
  }

  newTimer(): PollTimer {
    return this.#timers.newTimer();
  }

  newFdReady(fd: RawFd): Readiness {
    this.checkOpen();
    checkPollable(fd);
    return new Readiness(fd, this);
  }

  newSocketReady(socket: RawFd): Readiness {
    this.checkOpen();
    checkSocket(socket);
    return new Readiness(socket, this);
  }

  newWait(fd: RawFd, readSize: number): Wait {
    this.checkOpen();
    checkInteger(readSize, 'readSize', 1, MAXIMUM_WAIT_READ_SIZE);
    checkPollable(fd);
    if (!isNonblocking(fd)) throw blockingFdError(fd);
    return new Wait(fd, readSize, this);
  }

  ioUringSubmitter(): NoIoUring {
    return new NoIoUring(this);
  }

  get closed(): boolean {
    return this.#end !== undefined;
  }

  checkOpen(): void {
    if (this.closed) throw closedError(NAME);
  }

  close(): Promise<void> {
    if (this.#end === undefined) {
      this.thread.removeTimers(this.#timers);
      this.thread.remove([...this.watched].map(({ registration }) => registration));
      // In a promise of its own: neither the caller, who may be a waker, nor a drain under way sees wakers called.
      this.#end = Promise.resolve().then(() => {
        this.#timers.wakeAll();
        for (const each of [...this.watched]) each.wakeAll();
      });
    }
    return this.#end;
  }

  ref(): this {
    this.hold.ref();
    return this;
  }

  unref(): this {
    this.hold.unref();
    return this;
  }

  hasRef(): boolean {
    return this.hold.hasRef();
  }
}

/**
 * Makes a driver over the poll thread of the calling thread.
 *
 * @throws EMFILE, ENFILE, or what else prevents the first driver's thread from starting
 */
export function createPollDriver(): Driver {
  return driverFrom(new PollParts());
}
