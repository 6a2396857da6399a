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

/**
 * The sole owner of a driver: closing the box closes the driver.
 *
 * {@link into} moves the driver out. The husk that stays throws ERR_POLYRING_MOVED: its
 * `ioUringSubmit` rejects with it, its `ioUringProbe` is false, and closing it closes
 * nothing, so that `await using` and `into()` go together.
 */
export class BoxDriver implements Driver {
  readonly #name: string;
  #driver: Driver | undefined;

  /**
   * @param driver belongs to the box from now on
   * @throws ERR_INVALID_ARG_TYPE
   */
  constructor(driver: Driver) {
    checkDriver(driver);
    this.#name = driver.name;
    this.#driver = driver;
  }

  /** The driver's name; the husk keeps it. */
  get name(): string {
    return this.#name;
  }

  get supports(): DriverCapabilities {
    return this.#inner().supports;
  }

  get closed(): boolean {
    return this.#inner().closed;
  }

  /**
   * Moves the driver out: it belongs to the caller.
   *
   * @throws ERR_POLYRING_MOVED the second time
   */
  into(): Driver {
    const driver = this.#inner();
    this.#driver = undefined;
    return driver;
  }

  newDynTimer(): PollTimer {
    return this.#inner().newDynTimer();
  }

  newDynFdReady(fd: RawFd): PollFdReady {
    return this.#inner().newDynFdReady(fd);
  }

  newDynSocketReady(socket: RawFd): PollSocketReady {
    return this.#inner().newDynSocketReady(socket);
  }

  newDynWait(fd: RawFd, readSize: number): PollWait {
    return this.#inner().newDynWait(fd, readSize);
  }

  ioUringProbe(opcode: number): boolean {
    return this.#driver?.ioUringProbe(opcode) ?? false;
  }

  ioUringSubmit(entry: Entry, options?: SubmitOptions): Promise<number> {
    return this.#driver?.ioUringSubmit(entry, options) ?? Promise.reject(this.#moved());
  }

  submitMany(entries: readonly Entry[], options?: SubmitOptions): Promise<PromiseSettledResult<number>[]> {
    return this.#driver?.submitMany(entries, options) ?? Promise.reject(this.#moved());
  }

  submitLinked(entries: readonly Entry[], options?: SubmitLinkedOptions): Promise<PromiseSettledResult<number>[]> {
    return this.#driver?.submitLinked(entries, options) ?? Promise.reject(this.#moved());
  }

  multishot(entry: Entry, options?: MultishotOptions): Multishot {
    return this.#inner().multishot(entry, options);
  }

  remoteHandle(listener: RemoteListener): RemoteInbox {
    return this.#inner().remoteHandle(listener);
  }

  get ioUring(): IoUringResources {
    return this.#inner().ioUring;
  }

  allocate(byteLength: number, options?: AllocateOptions): DriverMemory {
    return this.#inner().allocate(byteLength, options);
  }

  allocateAsync(byteLength: number, options?: AllocateAsyncOptions): Promise<DriverMemory> {
    return this.#driver?.allocateAsync(byteLength, options) ?? Promise.reject(this.#moved());
  }

  close(): Promise<void> {
    return this.#driver?.close() ?? Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  ref(): this {
    this.#inner().ref();
    return this;
  }

  unref(): this {
    this.#inner().unref();
    return this;
  }

  hasRef(): boolean {
    return this.#inner().hasRef();
  }

  #inner(): Driver {
    if (this.#driver === undefined) throw this.#moved();
    return this.#driver;
  }

  #moved(): PolyringError {
    return new PolyringError(
      'ERR_POLYRING_MOVED',
      `The driver "${this.#name}" was moved out of this box. Use what into() returned.`,
    );
  }
}
