import type { SubmitOptions } from '../contract/io-uring/submit.js';
import { PolyringError } from '../errors/polyring-error.js';
import type { Entry } from '../io-uring/entry.js';
import { ForwardingDriver } from './forwarding-driver.js';

/**
 * One of several owners of a driver, which belongs to them: closing the last one closes the driver.
 *
 * A closed owner throws ERR_POLYRING_CLOSED, its `ioUringSubmit` rejects with it and its
 * `ioUringProbe` is false. What was made or submitted through it belongs to the driver,
 * and goes on for as long as there is another owner. `ref()` and `unref()` are the driver's.
 */
export class ArcDriver extends ForwardingDriver {
  /** The number of owners, which all of them share. */
  #owners = { count: 1 };
  #closing: Promise<void> | undefined;

  /** The number of owners that were not closed. */
  get strongCount(): number {
    return this.#owners.count;
  }

  /**
   * Makes another owner.
   *
   * @throws ERR_POLYRING_CLOSED if this one was closed
   */
  clone(): ArcDriver {
    const clone = new ArcDriver(this.open());
    clone.#owners = this.#owners;
    this.#owners.count += 1;
    return clone;
  }

  /** Whether this owner, or the driver itself, was closed. */
  override get closed(): boolean {
    return this.#closing !== undefined || super.closed;
  }

  /** Gives up this owner's share. Resolves at once while there are others, at the driver's end for the last one. */
  override close(): Promise<void> {
    if (this.#closing === undefined) {
      this.#owners.count -= 1;
      this.#closing = this.#owners.count === 0 ? super.close() : Promise.resolve();
    }
    return this.#closing;
  }

  /** As the base does it, and without a call of {@link refusal}, which bench/NOTES.md tells the cost of. */
  override ioUringSubmit(entry: Entry, options?: SubmitOptions): Promise<number> {
    return this.#closing === undefined ? this.inner.ioUringSubmit(entry, options) : super.ioUringSubmit(entry, options);
  }

  protected override refusal(): PolyringError | undefined {
    if (this.#closing === undefined) return undefined;
    return new PolyringError(
      'ERR_POLYRING_CLOSED',
      `This owner of the driver "${this.name}" was closed. Clone an owner for each of its users.`,
    );
  }
}
