import { checkDriver } from '../contract/check-driver.js';
import type { Driver, DriverCapabilities } from '../contract/driver.js';
import type { PollFdReady } from '../contract/fd-ready.js';
import type { Multishot, MultishotOptions } from '../contract/io-uring/multishot.js';
import type { RemoteInbox, RemoteListener } from '../contract/io-uring/remote.js';
import type { IoUringResources } from '../contract/io-uring/resources.js';
import type { SubmitLinkedOptions, SubmitOptions } from '../contract/io-uring/submit.js';
import type { AllocateAsyncOptions, AllocateOptions, DriverMemory } from '../contract/memory.js';
import type { PollSocketReady } from '../contract/socket-ready.js';
import type { PollTimer } from '../contract/timer.js';
import type { PollWait } from '../contract/wait.js';
import { PolyringError } from '../errors/polyring-error.js';
import type { Entry } from '../io-uring/entry.js';
import type { RawFd } from '../values/raw-fd.js';

/** A driver and the number of its owners. */
interface Shared {
  readonly driver: Driver;
  owners: number;
}

/**
 * One of several owners of a driver: closing the last one closes the driver.
 *
 * A closed owner throws ERR_POLYRING_CLOSED, its `ioUringSubmit` rejects with it and its
 * `ioUringProbe` is false. What was made or submitted through it belongs to the driver,
 * and goes on for as long as there is another owner. `ref()` and `unref()` are the driver's.
 */
export class ArcDriver implements Driver {
  #shared: Shared;
  #closing: Promise<void> | undefined;

  /**
   * @param driver belongs to this owner and its clones from now on
   * @throws ERR_INVALID_ARG_TYPE
   */
  constructor(driver: Driver) {
    checkDriver(driver);
    this.#shared = { driver, owners: 1 };
  }

  /** The number of owners that were not closed. */
  get strongCount(): number {
    return this.#shared.owners;
  }

  /**
   * Makes another owner.
   *
   * @throws ERR_POLYRING_CLOSED if this one was closed
   */
  clone(): ArcDriver {
    const clone = new ArcDriver(this.#open());
    clone.#shared = this.#shared;
    this.#shared.owners += 1;
    return clone;
  }

  get name(): string {
    return this.#shared.driver.name;
  }

  get supports(): DriverCapabilities {
    return this.#shared.driver.supports;
  }

  /** Whether this owner, or the driver itself, was closed. */
  get closed(): boolean {
    return this.#closing !== undefined || this.#shared.driver.closed;
  }

  newDynTimer(): PollTimer {
    return this.#open().newDynTimer();
  }

  newDynFdReady(fd: RawFd): PollFdReady {
    return this.#open().newDynFdReady(fd);
  }

  newDynSocketReady(socket: RawFd): PollSocketReady {
    return this.#open().newDynSocketReady(socket);
  }

  newDynWait(fd: RawFd, readSize: number): PollWait {
    return this.#open().newDynWait(fd, readSize);
  }

  ioUringProbe(opcode: number): boolean {
    return this.#closing === undefined && this.#shared.driver.ioUringProbe(opcode);
  }

  ioUringSubmit(entry: Entry, options?: SubmitOptions): Promise<number> {
    if (this.#closing !== undefined) return Promise.reject(this.#closedError());
    return this.#shared.driver.ioUringSubmit(entry, options);
  }

  submitMany(entries: readonly Entry[], options?: SubmitOptions): Promise<PromiseSettledResult<number>[]> {
    if (this.#closing !== undefined) return Promise.reject(this.#closedError());
    return this.#shared.driver.submitMany(entries, options);
  }

  submitLinked(entries: readonly Entry[], options?: SubmitLinkedOptions): Promise<PromiseSettledResult<number>[]> {
    if (this.#closing !== undefined) return Promise.reject(this.#closedError());
    return this.#shared.driver.submitLinked(entries, options);
  }

  multishot(entry: Entry, options?: MultishotOptions): Multishot {
    return this.#open().multishot(entry, options);
  }

  remoteHandle(listener: RemoteListener): RemoteInbox {
    return this.#open().remoteHandle(listener);
  }

  get ioUring(): IoUringResources {
    return this.#open().ioUring;
  }

  allocate(byteLength: number, options?: AllocateOptions): DriverMemory {
    return this.#open().allocate(byteLength, options);
  }

  allocateAsync(byteLength: number, options?: AllocateAsyncOptions): Promise<DriverMemory> {
    if (this.#closing !== undefined) return Promise.reject(this.#closedError());
    return this.#shared.driver.allocateAsync(byteLength, options);
  }

  /** Gives up this owner's share. Resolves at once while there are others, at the driver's end for the last one. */
  close(): Promise<void> {
    if (this.#closing === undefined) {
      this.#shared.owners -= 1;
      this.#closing = this.#shared.owners === 0 ? this.#shared.driver.close() : Promise.resolve();
    }
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  ref(): this {
    this.#open().ref();
    return this;
  }

  unref(): this {
    this.#open().unref();
    return this;
  }

  hasRef(): boolean {
    return this.#open().hasRef();
  }

  #open(): Driver {
    if (this.#closing !== undefined) throw this.#closedError();
    return this.#shared.driver;
  }

  #closedError(): PolyringError {
    return new PolyringError(
      'ERR_POLYRING_CLOSED',
      `This owner of the driver "${this.name}" was closed. Clone an owner for each of its users.`,
    );
  }
}
