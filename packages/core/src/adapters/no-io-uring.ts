import { OrdinaryMemory } from '../backend/ordinary-memory.js';
import type { Multishot, MultishotOptions } from '../contract/io-uring/multishot.js';
import type { RemoteInbox, RemoteListener } from '../contract/io-uring/remote.js';
import type { IoUringResources } from '../contract/io-uring/resources.js';
import type { IoUringSubmit, SubmitLinkedOptions, SubmitOptions } from '../contract/io-uring/submit.js';
import type { AllocateAsyncOptions, AllocateOptions, DriverMemory } from '../contract/memory.js';
import { checkAbortSignal } from '../errors/abort-error.js';
import { closedError, PolyringError } from '../errors/polyring-error.js';
import type { Entry } from '../io-uring/entry.js';

/**
 * The submitter of a driver that has no ring: probes false, rejects every submission, lends ordinary memory until the
 * driver is closed.
 */
export class NoIoUring implements IoUringSubmit {
  readonly #driver: { readonly name: string; readonly closed: boolean };

  /** @param driver whose it is: its name, for the error's text, and whether it was closed */
  constructor(driver: { readonly name: string; readonly closed: boolean }) {
    this.#driver = driver;
  }

  probe(_opcode: number): boolean {
    return false;
  }

  submit(_entry: Entry, _options?: SubmitOptions): Promise<number> {
    return Promise.reject(this.#refusal());
  }

  submitMany(_entries: readonly Entry[], _options?: SubmitOptions): Promise<PromiseSettledResult<number>[]> {
    return Promise.reject(this.#refusal());
  }

  submitLinked(_entries: readonly Entry[], _options?: SubmitLinkedOptions): Promise<PromiseSettledResult<number>[]> {
    return Promise.reject(this.#refusal());
  }

  multishot(_entry: Entry, _options?: MultishotOptions): Multishot {
    throw this.#refusal();
  }

  remoteHandle(_listener: RemoteListener): RemoteInbox {
    throw this.#refusal();
  }

  get ioUring(): IoUringResources {
    throw this.#refusal();
  }

  allocate(byteLength: number, options?: AllocateOptions): DriverMemory {
    this.#checkOpen();
    const memory = new OrdinaryMemory(byteLength, options);
    // A getter of the options may have closed it.
    this.#checkOpen();
    return memory;
  }

  async allocateAsync(byteLength: number, options?: AllocateAsyncOptions): Promise<DriverMemory> {
    this.#checkOpen();
    checkAbortSignal(options?.signal);
    return this.allocate(byteLength, options);
  }

  #checkOpen(): void {
    if (this.#driver.closed) throw closedError(this.#driver.name);
  }

  #refusal(): PolyringError {
    const { name, closed } = this.#driver;
    if (closed) return closedError(name);
    return new PolyringError(
      'ERR_POLYRING_UNSUPPORTED',
      `The driver "${name}" has no io_uring. Ask ioUringProbe(opcode) first, or select a backend that has it.`,
    );
  }
}
