import {
  blockingFdError,
  checkFd,
  checkInteger,
  closedError,
  type Driver,
  type DriverCapabilities,
  DriverHold,
  type DriverLifecycle,
  type DriverOptions,
  driverFrom,
  type FdReadyDriver,
  type IoUringDriver,
  MAXIMUM_WAIT_READ_SIZE,
  NoIoUring,
  type PollTimer,
  type RawFd,
  type SocketReadyDriver,
  type TimerDriver,
  TimerSet,
  type WaitDriver,
} from '@polyring/core';
import { checkSocket, close, epollCreate, isNonblocking, LoopWatch, timerfd } from '@polyring/sys';
import type { DriverContext } from './driver-context.js';
import { EpollSet } from './epoll-set.js';
import { KernelTimer } from './kernel-timer.js';
import { EpollReadiness } from './parts/readiness.js';
import { EpollWait } from './parts/wait.js';

/** The backend's name. */
export const NAME = 'epoll';

/** The parts of a driver over one epoll set. Each object it makes belongs to this set and this thread. */
class EpollParts
  implements TimerDriver, FdReadyDriver, SocketReadyDriver, WaitDriver, IoUringDriver, DriverLifecycle, DriverContext
{
  readonly name = NAME;
  readonly supports: DriverCapabilities = { ioUring: false };
  readonly set: EpollSet;
  readonly hold: DriverHold;
  readonly #watch: LoopWatch;
  readonly #timers: TimerSet;
  readonly #kernelTimer: KernelTimer;
  #end: Promise<void> | undefined;

  constructor({ busyPoll }: DriverOptions) {
    const { setFd, timerFd } = openDescriptors();
    this.set = new EpollSet(setFd);
    this.#watch = watchSet(this.set, timerFd, busyPoll);
    this.hold = new DriverHold(this.#watch);
    this.#timers = new TimerSet({
      hold: this.hold,
      checkOpen: () => this.checkOpen(),
      nearer: () => this.#kernelTimer.schedule(),
    });
    try {
      this.#kernelTimer = new KernelTimer(timerFd, this.#timers, this.set);
    } catch (error) {
      this.#watch.close();
      throw error;
    }
  }

  newTimer(): PollTimer {
    return this.#timers.newTimer();
  }

  newFdReady(fd: RawFd): EpollReadiness {
    this.checkOpen();
    checkFd(fd);
    return new EpollReadiness(fd, this);
  }

  newSocketReady(socket: RawFd): EpollReadiness {
    this.checkOpen();
    checkSocket(socket);
    return new EpollReadiness(socket, this);
  }

  newWait(fd: RawFd, readSize: number): EpollWait {
    this.checkOpen();
    checkInteger(readSize, 'readSize', 1, MAXIMUM_WAIT_READ_SIZE);
    checkFd(fd);
    const wait = new EpollWait(fd, readSize, this);
    if (isNonblocking(fd)) return wait;
    wait[Symbol.dispose]();
    throw blockingFdError(fd);
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
      this.set.close();
      this.#kernelTimer.close();
      // In a promise of its own: neither the caller, who may be a waker, nor a drain under way sees wakers called.
      this.#end = Promise.resolve().then(() => {
        this.set.wakeAll();
        this.#watch.close();
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

/** The environment owns both until the watch takes them over: a worker that is terminated before that runs no JavaScript. */
function openDescriptors(): { setFd: RawFd; timerFd: RawFd } {
  const setFd = epollCreate({ owned: true });
  try {
    return { setFd, timerFd: timerfd({ owned: true }) };
  } catch (error) {
    close(setFd);
    throw error;
  }
}

/** Nests the set in the loop. The watch closes both descriptors. */
function watchSet(set: EpollSet, timerFd: RawFd, busyPoll?: number): LoopWatch {
  try {
    return new LoopWatch(set.fd, () => set.drain(), { owns: [set.fd, timerFd], busyPoll });
  } catch (error) {
    close(set.fd);
    close(timerFd);
    throw error;
  }
}

/**
 * Makes a driver over a new epoll set of the calling thread. Of the options only `busyPoll` has a meaning for it.
 *
 * @throws EMFILE, ENFILE, ENOMEM; ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
 */
export function createEpollDriver(options: DriverOptions = {}): Driver {
  return driverFrom(new EpollParts(options));
}
