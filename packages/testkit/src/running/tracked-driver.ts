import {
  type AllocateAsyncOptions,
  type DriverMemory,
  type Entry,
  ForwardingDriver,
  type Multishot,
  type MultishotOptions,
  type SubmitLinkedOptions,
  type SubmitOptions,
} from '@polyring/core';

/** A driver that hands everything on to the one that is judged, and counts the promises that have not settled. */
export class TrackedDriver extends ForwardingDriver {
  #unsettled = 0;

  /** Promises of submissions, iterations, loans and `close` that were handed out and have not settled. */
  get unsettled(): number {
    return this.#unsettled;
  }

  override ioUringSubmit(entry: Entry, options?: SubmitOptions): Promise<number> {
    return this.#count(
      options === undefined ? this.inner.ioUringSubmit(entry) : this.inner.ioUringSubmit(entry, options),
    );
  }

  override submitMany(entries: readonly Entry[], options?: SubmitOptions): Promise<PromiseSettledResult<number>[]> {
    return this.#count(this.inner.submitMany(entries, options));
  }

  override submitLinked(
    entries: readonly Entry[],
    options?: SubmitLinkedOptions,
  ): Promise<PromiseSettledResult<number>[]> {
    return this.#count(this.inner.submitLinked(entries, options));
  }

  override multishot(entry: Entry, options?: MultishotOptions): Multishot {
    const multishot = this.inner.multishot(entry, options);
    const tracked: Multishot = {
      next: () => this.#count(multishot.next()),
      return: () => this.#count(multishot.return()),
      [Symbol.asyncDispose]: () => this.#count(Promise.resolve(multishot[Symbol.asyncDispose]())),
      [Symbol.asyncIterator]: () => tracked,
    };
    return tracked;
  }

  override allocateAsync(byteLength: number, options?: AllocateAsyncOptions): Promise<DriverMemory> {
    return this.#count(this.inner.allocateAsync(byteLength, options));
  }

  override close(): Promise<void> {
    return this.#count(this.inner.close());
  }

  override [Symbol.asyncDispose](): Promise<void> {
    return this.#count(Promise.resolve(this.inner[Symbol.asyncDispose]()));
  }

  override ref(): this {
    return this.#inPlaceOf(this.inner.ref());
  }

  override unref(): this {
    return this.#inPlaceOf(this.inner.unref());
  }

  /** This object where the driver returned itself, and otherwise what it returned. */
  #inPlaceOf(returned: unknown): this {
    return returned === this.inner ? this : (returned as this);
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
