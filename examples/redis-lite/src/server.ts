import { type Driver, type ListenOptions, PolledListener, type PolledSocket, PolledTimer } from 'polyring';
import { serve } from './session.js';
import { Store } from './store/store.js';

/** Where a server listens: a port of an address, or the path of a unix socket. */
export type Endpoint = { readonly address: string; readonly port: number } | { readonly path: string };

/** Milliseconds between two looks at keys that may have expired. */
const EXPIRY_PERIOD = 100;

/** What ends a connection, and is no reason to say anything. */
const ORDINARY_ENDS: readonly (string | undefined)[] = [
  'ECONNRESET',
  'EPIPE',
  'ERR_POLYRING_DISPOSED',
  'ERR_POLYRING_CLOSED',
];

/** A server with a store of its own. */
export class RedisLite implements Disposable {
  readonly store = new Store();
  readonly #listener: PolledListener;
  readonly #timer: PolledTimer;
  readonly #connections = new Set<PolledSocket>();

  constructor(driver: Driver, endpoint: Endpoint, options: ListenOptions = {}) {
    this.#listener = PolledListener.listen(driver, endpoint, options);
    this.#timer = new PolledTimer(driver).unref();
    void this.#expire();
  }

  /** The port that it listens on; undefined for a unix socket. */
  get port(): number | undefined {
    return this.#listener.port;
  }

  get connections(): number {
    return this.#connections.size;
  }

  /** Accepts connections until the server is disposed of. */
  async run(): Promise<void> {
    for await (const socket of this.#listener) void this.#serve(socket);
  }

  [Symbol.dispose](): void {
    this.#listener[Symbol.dispose]();
    this.#timer[Symbol.dispose]();
    for (const socket of this.#connections) socket[Symbol.dispose]();
  }

  async #serve(socket: PolledSocket): Promise<void> {
    this.#connections.add(socket);
    try {
      if (this.port !== undefined) socket.setNoDelay();
      await serve(socket, this.store);
    } catch (error) {
      if (!ORDINARY_ENDS.includes((error as NodeJS.ErrnoException).code)) console.error(error);
    } finally {
      this.#connections.delete(socket);
      socket[Symbol.dispose]();
    }
  }

  async #expire(): Promise<void> {
    try {
      for await (const _ of this.#timer.interval(EXPIRY_PERIOD)) this.store.expireSome();
    } catch (error) {
      if (!ORDINARY_ENDS.includes((error as NodeJS.ErrnoException).code)) throw error;
    }
  }
}
