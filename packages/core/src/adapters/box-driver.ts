import type { Driver, DriverCapabilities } from '../contract/driver.js';
import type { SubmitOptions } from '../contract/io-uring/submit.js';
import { PolyringError } from '../errors/polyring-error.js';
import type { Entry } from '../io-uring/entry.js';
import { ForwardingDriver } from './forwarding-driver.js';

/**
 * The sole owner of a driver, which belongs to the box: closing the box closes the driver.
 *
 * {@link into} moves the driver out. The husk that stays throws ERR_POLYRING_MOVED: its
 * `ioUringSubmit` rejects with it, its `ioUringProbe` is false, and closing it closes
 * nothing, so that `await using` and `into()` go together. It keeps the driver's name.
 */
export class BoxDriver extends ForwardingDriver {
  #moved = false;

  override get supports(): DriverCapabilities {
    return this.open().supports;
  }

  override get closed(): boolean {
    return this.open().closed;
  }

  /**
   * Moves the driver out: it belongs to the caller.
   *
   * @throws ERR_POLYRING_MOVED the second time
   */
  into(): Driver {
    const driver = this.open();
    this.#moved = true;
    return driver;
  }

  override close(): Promise<void> {
    return this.#moved ? Promise.resolve() : super.close();
  }

  /** As the base does it, and without a call of {@link refusal}, which bench/NOTES.md tells the cost of. */
  override ioUringSubmit(entry: Entry, options?: SubmitOptions): Promise<number> {
    return this.#moved ? super.ioUringSubmit(entry, options) : this.inner.ioUringSubmit(entry, options);
  }

  protected override refusal(): PolyringError | undefined {
    if (!this.#moved) return undefined;
    return new PolyringError(
      'ERR_POLYRING_MOVED',
      `The driver "${this.name}" was moved out of this box. Use what into() returned.`,
    );
  }
}
