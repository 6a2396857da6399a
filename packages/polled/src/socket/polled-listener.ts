import { setTimeout as sleep } from 'node:timers/promises';
import {
  checkDriver,
  checkObject,
  closedError,
  type Driver,
  Errno,
  InterestSlot,
  type RawFd,
  type Referenced,
} from '@polyring/core';
import {
  checkSocket,
  close,
  getsockname,
  listen,
  own,
  type SocketAddress,
  type SocketAddressInput,
  tryAccept,
} from '@polyring/sys';
import { requireNonblocking } from '../transfer/adopt.js';
import type { CallOptions } from '../transfer/call-options.js';
import { Channel } from '../transfer/channel.js';
import { socketReadiness } from '../transfer/readiness.js';
import { AcceptAhead } from './accept-ahead.js';
import { type BindOptions, openBoundSocket } from './open-socket.js';
import { PolledSocket } from './polled-socket.js';
import { isShortage, ReserveDescriptor } from './reserve-descriptor.js';

/** How an address is listened on. */
export interface ListenOptions extends BindOptions {
  /** How many connections may wait to be accepted. Default 511, as in Node.js; the kernel lowers it to `net.core.somaxconn`. */
  readonly backlog?: number | undefined;
}

/** A listening socket that was given back. */
export interface GivenListener {
  /** It is the caller's to close. */
  readonly fd: RawFd;
  /** Connections that were accepted, and nobody had asked for. They are the caller's to close. Empty as a rule. */
  readonly accepted: readonly RawFd[];
}

const { ECONNABORTED, EMFILE, ENFILE } = Errno;

/** Milliseconds after which a loop tries again that found neither a descriptor nor the one in reserve. */
const SHORTAGE_PAUSE = 10;

/**
 * A socket that accepts connections: one by one, or with `for await`.
 *
 * It goes on when the process, or the system, has no descriptor left (EMFILE, ENFILE): it keeps one in reserve, accepts
 * by it and closes the connection at once, so that the peer is told instead of left waiting. {@link turnedAway}
 * counts them.
 *
 * @example
 * ```ts run
 * import { createDriver, PolledListener, PolledSocket } from 'polyring';
 *
 * const { driver } = await createDriver();
 * const listener = PolledListener.listen(driver, { address: '127.0.0.1', port: 0 });
 * const client = await PolledSocket.connect(driver, listener.localAddress);
 * await client.writeAll(Buffer.from('ping'));
 *
 * for await (const connection of listener) {
 *   const buffer = Buffer.alloc(1024);
 *   const bytes = await connection.read(buffer);
 *   await connection.writeAll(buffer, { length: bytes });
 *   connection[Symbol.dispose]();
 *   break;
 * }
 * const answer = Buffer.alloc(4);
 * await client.read(answer);
 * console.log(`${answer}`);
 *
 * client[Symbol.dispose]();
 * listener[Symbol.dispose]();
 * await driver.close();
 * ```
 */
export class PolledListener implements Disposable, AsyncDisposable, Referenced {
  readonly #channel: Channel<AcceptAhead>;
  readonly #reserve = new ReserveDescriptor();
  #turnedAway = 0;

  /**
   * Takes over a listening socket that is open already. It is closed with this object.
   *
   * @param fd a socket that does not block
   * @throws ENOTSOCK, EBADF, EMFILE; ERR_POLYRING_BLOCKING_FD, ERR_POLYRING_CLOSED; ERR_INVALID_ARG_TYPE,
   * ERR_OUT_OF_RANGE. The descriptor stays the caller's then
   */
  constructor(driver: Driver, fd: RawFd) {
    checkDriver(driver);
    checkSocket(fd);
    requireNonblocking(fd);
    if (driver.closed) throw closedError(driver.name);
    this.#reserve.fill();
    this.#channel = new Channel(driver, fd, 'listener', socketReadiness, AcceptAhead.for(driver));
    this.#channel.end(InterestSlot.Write);
  }

  /**
   * Listens on an address. SO_REUSEADDR is set for IP, as in Node.js.
   *
   * @throws EADDRINUSE, EADDRNOTAVAIL, EACCES and the others of bind(2) and listen(2); EMFILE; ERR_INVALID_ARG_TYPE,
   * ERR_INVALID_ARG_VALUE, ERR_OUT_OF_RANGE; ERR_POLYRING_CLOSED
   */
  static listen(driver: Driver, address: SocketAddressInput, options: ListenOptions = {}): PolledListener {
    checkObject(options);
    const fd = openBoundSocket(address, options, true);
    try {
      listen(fd, options.backlog);
      return new PolledListener(driver, fd);
    } catch (error) {
      close(fd);
      throw error;
    }
  }

  /** The descriptor. It belongs to this object until {@link intoFd}. */
  get fd(): RawFd {
    return this.#channel.fd;
  }

  get disposed(): boolean {
    return this.#channel.disposed;
  }

  /**
   * The address that is listened on.
   *
   * @throws ERR_POLYRING_DISPOSED
   */
  get localAddress(): SocketAddress {
    this.#channel.check();
    return getsockname(this.fd);
  }

  /** The port of an IP address; undefined for another. */
  get port(): number | undefined {
    const address = this.localAddress;
    return 'port' in address ? address.port : undefined;
  }

  /** How many connections were closed as soon as they came, as there was no descriptor for them. */
  get turnedAway(): number {
    return this.#turnedAway;
  }

  /**
   * Accepts a connection, and waits if there is none. Connections that ended before they were accepted are passed over.
   *
   * @throws (rejects) EINVAL for what does not listen, and the others of accept(2); EMFILE, ENFILE only where another
   * thread took the descriptor in reserve at that moment; AbortError; ERR_POLYRING_TIMEOUT; ERR_POLYRING_DISPOSED,
   * ERR_POLYRING_CLOSED; ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
   */
  accept(options?: CallOptions): Promise<PolledSocket> {
    return this.#channel.reading.run({ syscall: 'accept4', attempt: () => this.#accept() }, options);
  }

  /** Every connection from now on. Leaving the loop leaves this open; disposing of this ends the loop. */
  async *[Symbol.asyncIterator](): AsyncGenerator<PolledSocket, void, void> {
    while (!this.disposed) {
      try {
        yield await this.accept();
      } catch (error) {
        if (this.disposed) return;
        if (!isShortage(error)) throw error;
        await sleep(SHORTAGE_PAUSE, undefined, { ref: this.hasRef() });
      }
    }
  }

  /** Lets waiting keep the process alive. This is how it starts. */
  ref(): this {
    this.#channel.ref();
    return this;
  }

  /** Lets the process end in the middle of a wait. */
  unref(): this {
    this.#channel.unref();
    return this;
  }

  hasRef(): boolean {
    return this.#channel.hasRef();
  }

  /**
   * Gives the descriptor back, open and non-blocking. This object ends at once, as if it were disposed of, and what is
   * done to it from then on changes nothing: the descriptor is the caller's to close.
   *
   * @throws (rejects) ERR_POLYRING_DISPOSED
   */
  async intoFd(): Promise<GivenListener> {
    let accepted: RawFd[] = [];
    const fd = await this.#channel.give((ahead) => {
      accepted = ahead.takeAll();
    });
    this.#reserve.release();
    return { fd, accepted };
  }

  /**
   * Ends whoever waits with ERR_POLYRING_DISPOSED, and closes the descriptor: at once, or as soon as a ring has let go
   * of it. See {@link close}.
   */
  [Symbol.dispose](): void {
    this.#channel[Symbol.dispose]();
    this.#reserve.release();
  }

  /** As `[Symbol.dispose]`. Resolves when the descriptor is closed, so that its address is free; the file of a unix socket stays. */
  close(): Promise<void> {
    this[Symbol.dispose]();
    return this.#channel.closing();
  }

  /** See {@link close}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #accept(): PolledSocket | number {
    for (;;) {
      let result = this.#channel.ahead?.take() ?? this.#tryAccept();
      if (result >= 0) return this.#connection(result);
      // Without a free descriptor the kernel says so whether a connection waits or not.
      if (result === EMFILE || result === ENFILE) result = this.#turnAway(result);
      if (result < 0 && result !== ECONNABORTED) return result;
    }
  }

  #connection(fd: RawFd): PolledSocket {
    own(fd);
    this.#reserve.refill();
    try {
      return new PolledSocket(this.#channel.driver, fd);
    } catch (error) {
      close(fd);
      throw error;
    }
  }

  #tryAccept(): number {
    const result = tryAccept(this.fd);
    if (result >= 0) this.#channel.ahead?.accepted();
    return result;
  }

  /** Accepts and closes one connection by the descriptor in reserve. Answers as accept4(2), with `failure` without one. */
  #turnAway(failure: number): number {
    if (!this.#reserve.release()) return failure;
    const result = tryAccept(this.fd);
    if (result >= 0) {
      close(result);
      this.#turnedAway += 1;
    }
    this.#reserve.refill();
    return result;
  }
}
