import { PolyringError } from '../errors/polyring-error.js';
import type { Selection } from '../selection/select-driver.js';

/** Selects one driver when it is first asked for, and closes it once. */
export class DriverHolder {
  readonly #select: () => Promise<Selection>;
  #selection: Promise<Selection> | undefined;
  #closing: Promise<void> | undefined;

  constructor(select: () => Promise<Selection>) {
    this.#select = select;
  }

  /**
   * The selection. A failed one is tried again at the next call, since a container would keep the failure for ever.
   *
   * @throws (rejects) ERR_POLYRING_CLOSED after {@link close}; what the selection throws
   */
  open(): Promise<Selection> {
    if (this.#closing !== undefined) {
      return Promise.reject(new PolyringError('ERR_POLYRING_CLOSED', 'This container was closed. Make a new one.'));
    }
    this.#selection ??= this.#select().catch((error: unknown) => {
      this.#selection = undefined;
      throw error;
    });
    return this.#selection;
  }

  /** Closes the driver, also one that is still being selected. Every call gives the same end. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const selection = await this.#selection?.catch(() => undefined);
    await selection?.driver.close();
  }
}
