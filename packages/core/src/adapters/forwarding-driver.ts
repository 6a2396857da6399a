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
import type { Entry } from '../io-uring/entry.js';
import type { RawFd } from '../values/raw-fd.js';

/**
 * A driver that hands every call on to another one. A class that wraps a driver extends it, and overrides what differs.
 *
 * @example A driver without its ring's accept, so that sockets wait for readiness.
 * ```ts
 * class WithoutAccept extends ForwardingDriver {
 *   override ioUringProbe(opcode: number): boolean {
 *     return opcode !== IORING_OP_ACCEPT && super.ioUringProbe(opcode);
 *   }
 * }
 * ```
 */
export abstract class ForwardingDriver implements Driver {
  readonly #inner: Driver;

  /**
   * @param inner whom calls are handed on to
   * @throws ERR_INVALID_ARG_TYPE
   */
  constructor(inner: Driver) {
    checkDriver(inner);
    this.#inner = inner;
  }

  /** The driver that calls are handed on to, also while there is a {@link refusal}. */
  protected get inner(): Driver {
    return this.#inner;
  }

  /**
   * Why this object hands on no calls, or undefined while it does. Calls throw it, `ioUringProbe` is false, and what
   * gives a promise rejects with it. `name`, `supports`, `closed` and `close` are handed on all the same.
   */
  protected refusal(): Error | undefined {
    return undefined;
  }

  /** The driver that calls are handed on to. Throws a {@link refusal}. */
  protected open(): Driver {
    const refusal = this.refusal();
    if (refusal !== undefined) throw refusal;
    return this.#inner;
  }

  get name(): string {
    return this.#inner.name;
  }

  get supports(): DriverCapabilities {
    return this.#inner.supports;
  }

  get closed(): boolean {
    return this.#inner.closed;
  }

  newDynTimer(): PollTimer {
    return this.open().newDynTimer();
  }

  newDynFdReady(fd: RawFd): PollFdReady {
    return this.open().newDynFdReady(fd);
  }

  newDynSocketReady(socket: RawFd): PollSocketReady {
    return this.open().newDynSocketReady(socket);
  }

  newDynWait(fd: RawFd, readSize: number): PollWait {
    return this.open().newDynWait(fd, readSize);
  }

  ioUringProbe(opcode: number): boolean {
    return this.refusal() === undefined && this.#inner.ioUringProbe(opcode);
  }

  ioUringSubmit(entry: Entry, options?: SubmitOptions): Promise<number> {
    const refusal = this.refusal();
    return refusal === undefined ? this.#inner.ioUringSubmit(entry, options) : Promise.reject(refusal);
  }

  submitMany(entries: readonly Entry[], options?: SubmitOptions): Promise<PromiseSettledResult<number>[]> {
    const refusal = this.refusal();
    return refusal === undefined ? this.#inner.submitMany(entries, options) : Promise.reject(refusal);
  }

  submitLinked(entries: readonly Entry[], options?: SubmitLinkedOptions): Promise<PromiseSettledResult<number>[]> {
    const refusal = this.refusal();
    return refusal === undefined ? this.#inner.submitLinked(entries, options) : Promise.reject(refusal);
  }

  multishot(entry: Entry, options?: MultishotOptions): Multishot {
    return this.open().multishot(entry, options);
  }

  remoteHandle(listener: RemoteListener): RemoteInbox {
    return this.open().remoteHandle(listener);
  }

  get ioUring(): IoUringResources {
    return this.open().ioUring;
  }

  allocate(byteLength: number, options?: AllocateOptions): DriverMemory {
    return this.open().allocate(byteLength, options);
  }

  allocateAsync(byteLength: number, options?: AllocateAsyncOptions): Promise<DriverMemory> {
    const refusal = this.refusal();
    return refusal === undefined ? this.#inner.allocateAsync(byteLength, options) : Promise.reject(refusal);
  }

  close(): Promise<void> {
    return this.#inner.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  ref(): this {
    this.open().ref();
    return this;
  }

  unref(): this {
    this.open().unref();
    return this;
  }

  hasRef(): boolean {
    return this.open().hasRef();
  }
}
