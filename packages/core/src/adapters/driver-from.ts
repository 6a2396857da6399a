import type { Driver, DriverCapabilities, DriverLifecycle } from '../contract/driver.js';
import type { FdReadyDriver, PollFdReady } from '../contract/fd-ready.js';
import type { Multishot, MultishotOptions } from '../contract/io-uring/multishot.js';
import type { RemoteInbox, RemoteListener } from '../contract/io-uring/remote.js';
import type { IoUringResources } from '../contract/io-uring/resources.js';
import type { IoUringDriver, IoUringSubmit, SubmitLinkedOptions, SubmitOptions } from '../contract/io-uring/submit.js';
import type { AllocateAsyncOptions, AllocateOptions, DriverMemory } from '../contract/memory.js';
import type { PollSocketReady, SocketReadyDriver } from '../contract/socket-ready.js';
import type { PollTimer, TimerDriver } from '../contract/timer.js';
import type { PollWait, WaitDriver } from '../contract/wait.js';
import type { Entry } from '../io-uring/entry.js';
import type { RawFd } from '../values/raw-fd.js';

/** What a backend's writer implements. Each part returns objects of its own types. */
export type DriverParts = TimerDriver &
  FdReadyDriver &
  SocketReadyDriver &
  WaitDriver &
  IoUringDriver &
  DriverLifecycle;

/**
 * Makes a driver of its parts.
 *
 * The submitter is asked for once, here. Nothing has a default: a wrapper that has no
 * ring says so by returning a `NoIoUring`.
 */
export function driverFrom(parts: DriverParts): Driver {
  return new ComposedDriver(parts);
}

class ComposedDriver implements Driver {
  readonly #parts: DriverParts;
  readonly #submitter: IoUringSubmit;

  constructor(parts: DriverParts) {
    this.#parts = parts;
    this.#submitter = parts.ioUringSubmitter();
  }

  get name(): string {
    return this.#parts.name;
  }

  get supports(): DriverCapabilities {
    return this.#parts.supports;
  }

  get closed(): boolean {
    return this.#parts.closed;
  }

  newDynTimer(): PollTimer {
    return this.#parts.newTimer();
  }

  newDynFdReady(fd: RawFd): PollFdReady {
    return this.#parts.newFdReady(fd);
  }

  newDynSocketReady(socket: RawFd): PollSocketReady {
    return this.#parts.newSocketReady(socket);
  }

  newDynWait(fd: RawFd, readSize: number): PollWait {
    return this.#parts.newWait(fd, readSize);
  }

  ioUringProbe(opcode: number): boolean {
    return this.#submitter.probe(opcode);
  }

  ioUringSubmit(entry: Entry, options?: SubmitOptions): Promise<number> {
    return this.#submitter.submit(entry, options);
  }

  submitMany(entries: readonly Entry[], options?: SubmitOptions): Promise<PromiseSettledResult<number>[]> {
    return this.#submitter.submitMany(entries, options);
  }

  submitLinked(entries: readonly Entry[], options?: SubmitLinkedOptions): Promise<PromiseSettledResult<number>[]> {
    return this.#submitter.submitLinked(entries, options);
  }

  multishot(entry: Entry, options?: MultishotOptions): Multishot {
    return this.#submitter.multishot(entry, options);
  }

  remoteHandle(listener: RemoteListener): RemoteInbox {
    return this.#submitter.remoteHandle(listener);
  }

  get ioUring(): IoUringResources {
    return this.#submitter.ioUring;
  }

  allocate(byteLength: number, options?: AllocateOptions): DriverMemory {
    return this.#submitter.allocate(byteLength, options);
  }

  allocateAsync(byteLength: number, options?: AllocateAsyncOptions): Promise<DriverMemory> {
    return this.#submitter.allocateAsync(byteLength, options);
  }

  close(): Promise<void> {
    return this.#parts.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#parts.close();
  }

  ref(): this {
    this.#parts.ref();
    return this;
  }

  unref(): this {
    this.#parts.unref();
    return this;
  }

  hasRef(): boolean {
    return this.#parts.hasRef();
  }
}
