import type {
  AllocateAsyncOptions,
  AllocateOptions,
  Driver,
  DriverCapabilities,
  DriverMemory,
  Entry,
  IoUringResources,
  Multishot,
  MultishotOptions,
  PollFdReady,
  PollSocketReady,
  PollTimer,
  PollWait,
  RawFd,
  RemoteInbox,
  RemoteListener,
  SubmitLinkedOptions,
  SubmitOptions,
} from '@polyring/core';

/** A driver that hands everything on to the one that is judged, and counts the promises that have not settled. */
export class TrackedDriver implements Driver {
  readonly #driver: Driver;
  #unsettled = 0;

  constructor(driver: Driver) {
    this.#driver = driver;
  }

  /** Promises of submissions, iterations, loans and `close` that were handed out and have not settled. */
  get unsettled(): number {
    return this.#unsettled;
  }

  get name(): string {
    return this.#driver.name;
  }

  get supports(): DriverCapabilities {
    return this.#driver.supports;
  }

  get closed(): boolean {
    return this.#driver.closed;
  }

  newDynTimer(): PollTimer {
    return this.#driver.newDynTimer();
  }

  newDynFdReady(fd: RawFd): PollFdReady {
    return this.#driver.newDynFdReady(fd);
  }

  newDynSocketReady(socket: RawFd): PollSocketReady {
    return this.#driver.newDynSocketReady(socket);
  }

  newDynWait(fd: RawFd, readSize: number): PollWait {
    return this.#driver.newDynWait(fd, readSize);
  }

  ioUringProbe(opcode: number): boolean {
    return this.#driver.ioUringProbe(opcode);
  }

  ioUringSubmit(entry: Entry, options?: SubmitOptions): Promise<number> {
    return this.#count(
      options === undefined ? this.#driver.ioUringSubmit(entry) : this.#driver.ioUringSubmit(entry, options),
    );
  }

  submitMany(entries: readonly Entry[], options?: SubmitOptions): Promise<PromiseSettledResult<number>[]> {
    return this.#count(this.#driver.submitMany(entries, options));
  }

  submitLinked(entries: readonly Entry[], options?: SubmitLinkedOptions): Promise<PromiseSettledResult<number>[]> {
    return this.#count(this.#driver.submitLinked(entries, options));
  }

  multishot(entry: Entry, options?: MultishotOptions): Multishot {
    const multishot = this.#driver.multishot(entry, options);
    const tracked: Multishot = {
      next: () => this.#count(multishot.next()),
      return: () => this.#count(multishot.return()),
      [Symbol.asyncDispose]: () => this.#count(Promise.resolve(multishot[Symbol.asyncDispose]())),
      [Symbol.asyncIterator]: () => tracked,
    };
    return tracked;
  }

  remoteHandle(listener: RemoteListener): RemoteInbox {
    return this.#driver.remoteHandle(listener);
  }

  get ioUring(): IoUringResources {
    return this.#driver.ioUring;
  }

  allocate(byteLength: number, options?: AllocateOptions): DriverMemory {
    return this.#driver.allocate(byteLength, options);
  }

  allocateAsync(byteLength: number, options?: AllocateAsyncOptions): Promise<DriverMemory> {
    return this.#count(this.#driver.allocateAsync(byteLength, options));
  }

  close(): Promise<void> {
    return this.#count(this.#driver.close());
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#count(Promise.resolve(this.#driver[Symbol.asyncDispose]()));
  }

  ref(): this {
    return this.#inPlaceOf(this.#driver.ref());
  }

  unref(): this {
    return this.#inPlaceOf(this.#driver.unref());
  }

  hasRef(): boolean {
    return this.#driver.hasRef();
  }

  /** This object where the driver returned itself, and otherwise what it returned. */
  #inPlaceOf(returned: unknown): this {
    return returned === this.#driver ? this : (returned as this);
  }

  #count<T>(promise: Promise<T>): Promise<T> {
    this.#unsettled += 1;
    const settled = (): void => {
      this.#unsettled -= 1;
    };
    promise.then(settled, settled);
    return promise;
  }
}
