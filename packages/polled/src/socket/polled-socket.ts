import {
  checkBoolean,
  checkDriver,
  checkObject,
  closedError,
  type Driver,
  type RawFd,
  shutdownNumber,
  socketTypeName,
} from '@polyring/core';
import {
  AF_INET,
  AF_INET6,
  bind,
  checkSocket,
  close,
  getpeername,
  getsockname,
  getsockopt,
  getsockoptBytes,
  IPPROTO_TCP,
  own,
  SO_DOMAIN,
  SO_KEEPALIVE,
  SO_TYPE,
  SOL_SOCKET,
  type SocketAddress,
  type SocketAddressInput,
  type SocketFamily,
  type SocketType,
  setsockopt,
  shutdown,
  socket,
  socketpair,
  TCP_KEEPCNT,
  TCP_KEEPIDLE,
  TCP_KEEPINTVL,
  TCP_NODELAY,
} from '@polyring/sys';
import { ReadHalf } from '../stream/read-half.js';
import { WriteHalf } from '../stream/write-half.js';
import { requireNonblocking } from '../transfer/adopt.js';
import type { AheadHost } from '../transfer/ahead.js';
import { type CallOptions, checkCallOptions } from '../transfer/call-options.js';
import { Channel } from '../transfer/channel.js';
import { pairOf } from '../transfer/pair-of.js';
import { ReadAhead } from '../transfer/read-ahead.js';
import { socketReadiness } from '../transfer/readiness.js';
import { receiveBuffers } from '../transfer/receive-buffers.js';
import { RingSends } from '../transfer/ring-sends.js';
import { ConnectGate } from './connect-gate.js';
import { type Attempts, Connecting, noAttempts } from './connecting.js';
import { MessageSocket } from './message-socket.js';
import { type BindOptions, openBoundSocket, openSocketFor, type SocketKind } from './open-socket.js';
import { socketKind, TCP } from './socket-kinds.js';

/** How a connection is made. */
export interface ConnectOptions extends SocketKind, CallOptions {
  /** The own address. Default: the kernel chooses. */
  readonly localAddress?: SocketAddressInput | undefined;
}

/** How silence on a connection is probed. */
export interface KeepAlive {
  /** Seconds of silence before the first probe. */
  readonly idle?: number | undefined;
  /** Seconds between probes. */
  readonly interval?: number | undefined;
  /** Probes without an answer that end the connection. */
  readonly count?: number | undefined;
}

/**
 * A socket of any family: TCP, UDP, unix stream, datagram and seqpacket, abstract names, netlink, CAN.
 *
 * Calls of one direction are served in the order they were made; the two directions are independent. Addresses are
 * literals: resolve names by `node:dns` first.
 *
 * @example
 * ```ts run
 * import { createDriver, PolledListener, PolledSocket } from 'polyring';
 *
 * const { driver } = await createDriver();
 * const listener = PolledListener.listen(driver, { address: '127.0.0.1', port: 0 });
 *
 * const client = await PolledSocket.connect(driver, listener.localAddress, { timeout: 5000 });
 * const server = await listener.accept();
 * await client.writeAll(Buffer.from('hello'));
 * const buffer = Buffer.alloc(16);
 * const bytes = await server.read(buffer, { timeout: 5000 });
 * console.log(buffer.toString('utf8', 0, bytes));
 *
 * for (const each of [client, server, listener]) each[Symbol.dispose]();
 * await driver.close();
 * ```
 */
export class PolledSocket extends MessageSocket {
  readonly #channel: Channel<ReadAhead>;
  readonly #type: SocketType | undefined;
  readonly #isTcp: boolean;
  /** Made by the first connect. */
  #attempts: Attempts | undefined;

  /**
   * Takes over a descriptor that is open already. It is closed with this object.
   *
   * @param fd a socket that does not block
   * @throws ENOTSOCK, EBADF; ERR_POLYRING_BLOCKING_FD, ERR_POLYRING_CLOSED; ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE.
   * The descriptor stays the caller's then
   */
  constructor(driver: Driver, fd: RawFd) {
    checkDriver(driver);
    checkSocket(fd);
    requireNonblocking(fd);
    if (driver.closed) throw closedError(driver.name);
    const type = socketTypeName(getsockopt(fd, SOL_SOCKET, SO_TYPE));
    const isInetStream = type === 'stream' && isInet(fd);
    const buffers = isInetStream ? receiveBuffers(driver) : undefined;
    const makeAhead = buffers && ((host: AheadHost) => new ReadAhead(host, buffers));
    const channel = new Channel(driver, fd, 'socket', socketReadiness, makeAhead);
    const kind = socketKind(fd, type);
    const sends = kind.stream ? RingSends.of(driver, fd) : undefined;
    super(channel, kind, new ReadHalf(channel, kind), new WriteHalf(channel, kind, sends));
    this.#channel = channel;
    this.#type = type;
    this.#isTcp = kind === TCP;
  }

  /**
   * Connects a new socket to an address.
   *
   * @throws (rejects) ECONNREFUSED, ENOENT, ETIMEDOUT, EAGAIN where a unix socket's backlog is full, and the others of
   * connect(2); AbortError; ERR_POLYRING_TIMEOUT; EMFILE; ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE, ERR_OUT_OF_RANGE
   */
  static async connect(
    driver: Driver,
    address: SocketAddressInput,
    options: ConnectOptions = {},
  ): Promise<PolledSocket> {
    checkObject(options);
    const fd = openSocketFor(address, options, (each) => {
      if (options.localAddress !== undefined) bind(each, options.localAddress);
    });
    const made = PolledSocket.#own(driver, fd);
    try {
      await made.#connect(made.#connecting(address), options);
      return made;
    } catch (error) {
      made[Symbol.dispose]();
      throw error;
    }
  }

  /**
   * Makes a socket with an address of its own, for datagrams unless the options say otherwise.
   *
   * @throws EADDRINUSE, EADDRNOTAVAIL, EACCES and the others of bind(2); EMFILE; ERR_INVALID_ARG_TYPE,
   * ERR_INVALID_ARG_VALUE, ERR_OUT_OF_RANGE; ERR_POLYRING_CLOSED
   */
  static bound(driver: Driver, address: SocketAddressInput, options: BindOptions = {}): PolledSocket {
    checkObject(options);
    return PolledSocket.#own(driver, openBoundSocket(address, { ...options, type: options.type ?? 'dgram' }));
  }

  /**
   * Makes a socket that is neither bound nor connected.
   *
   * @param family a name, or an AF_* number, such as 16 for AF_NETLINK and 29 for AF_CAN
   * @throws EAFNOSUPPORT, EPROTONOSUPPORT, EPERM, EMFILE; ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE, ERR_OUT_OF_RANGE;
   * ERR_POLYRING_CLOSED
   */
  static open(driver: Driver, family: SocketFamily | number, options: SocketKind = {}): PolledSocket {
    checkObject(options);
    const { type = 'stream', protocol = 0 } = options;
    return PolledSocket.#own(driver, socket(family, type, { protocol }));
  }

  /**
   * Makes two unix sockets that are connected to each other.
   *
   * @throws EMFILE, ENFILE; ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE, ERR_OUT_OF_RANGE; ERR_POLYRING_CLOSED
   */
  static pair(driver: Driver, options: SocketKind = {}): [PolledSocket, PolledSocket] {
    checkObject(options);
    const { type = 'stream' } = options;
    return pairOf(socketpair({ type }), (fd) => new PolledSocket(driver, fd));
  }

  static #own(driver: Driver, fd: RawFd): PolledSocket {
    own(fd);
    try {
      return new PolledSocket(driver, fd);
    } catch (error) {
      close(fd);
      throw error;
    }
  }

  /** What the socket carries; undefined for a type without a name here. */
  get type(): SocketType | undefined {
    return this.#type;
  }

  /**
   * The address of the own end.
   *
   * @throws ERR_POLYRING_DISPOSED
   */
  get localAddress(): SocketAddress {
    this.#channel.check();
    return getsockname(this.fd);
  }

  /**
   * The address of the other end.
   *
   * @throws ENOTCONN; ERR_POLYRING_DISPOSED
   */
  get remoteAddress(): SocketAddress {
    this.#channel.check();
    return getpeername(this.fd);
  }

  /**
   * Gives the socket its own address (bind(2)).
   *
   * @throws EADDRINUSE, EINVAL and the others of bind(2); ERR_POLYRING_DISPOSED
   */
  bind(address: SocketAddressInput): void {
    this.#channel.check();
    bind(this.fd, address);
  }

  /**
   * Connects this socket, or names the peer that a datagram socket sends to. See {@link PolledSocket.connect}.
   *
   * What is read and written meanwhile waits for the connection, and rejects with the error of a connect that fails, up to
   * the next connect. One that has begun may still succeed after its signal or its time has ended it: dispose of the
   * socket. Another is EALREADY until then. A connect that was called meanwhile ends with it.
   */
  connect(address: SocketAddressInput, options?: CallOptions): Promise<void> {
    let connecting: Connecting;
    try {
      connecting = this.#connecting(address);
      // One that is ended before it is queued has nothing behind it.
      checkCallOptions(options);
    } catch (error) {
      return Promise.reject(error);
    }
    const connected = this.#connect(connecting, options);
    const { reading, writing } = this.#channel;
    if (this.#type === 'dgram' || writing.empty) return connected;
    for (const lane of [reading, writing]) ConnectGate.put(lane, connecting, connected, writing);
    return connected;
  }

  #connecting(address: SocketAddressInput): Connecting {
    this.#attempts ??= noAttempts(this.#channel.driver, this.#isTcp);
    return new Connecting(this.#channel, address, this.#attempts);
  }

  #connect(connecting: Connecting, options?: CallOptions): Promise<void> {
    return this.#channel.writing.run(connecting, options);
  }

  /**
   * Ends one direction of the connection, or both, for the peer too (shutdown(2)). The descriptor stays open, and
   * what was received before can still be read; then reads give 0. TCP and UDP go on to receive, and a read gets what came.
   * Writes are EPIPE, those that wait too.
   *
   * @throws ENOTCONN; ERR_POLYRING_DISPOSED; ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE
   */
  shutdown(direction: 'read' | 'write' | 'both'): void {
    this.#channel.check();
    // What is no direction is refused here, before anything is ended.
    shutdownNumber(direction);
    if (direction !== 'read') this.#channel.writing.flush();
    if (direction !== 'write') this.#channel.ahead?.stop();
    try {
      shutdown(this.fd, direction);
    } finally {
      // What is not connected is shut down as well, though the answer is ENOTCONN.
      if (direction !== 'write' && this.#type !== 'stream') this.#channel.reading.exhaust();
      // A unix socket without room is none that is ready, though a write would be EPIPE.
      if (direction !== 'read') this.#channel.writing.retry();
    }
  }

  /**
   * An option that is a number (getsockopt(2)).
   *
   * @throws ENOPROTOOPT; ERR_POLYRING_DISPOSED; ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
   */
  getOption(level: number, name: number): number {
    this.#channel.check();
    return getsockopt(this.fd, level, name);
  }

  /** An option as the kernel's bytes. See {@link getOption}. */
  getOptionBytes(level: number, name: number, size: number): Buffer {
    this.#channel.check();
    return getsockoptBytes(this.fd, level, name, size);
  }

  /** Sets an option (setsockopt(2)). See {@link getOption}. */
  setOption(level: number, name: number, value: number | boolean | ArrayBufferView): void {
    this.#channel.check();
    setsockopt(this.fd, level, name, value);
  }

  /** Whether bytes go at once, without waiting for more (TCP_NODELAY). See {@link setOption}. */
  setNoDelay(noDelay = true): void {
    checkBoolean(noDelay, 'noDelay');
    this.setOption(IPPROTO_TCP, TCP_NODELAY, noDelay);
  }

  /** Whether a silent connection is probed (SO_KEEPALIVE), and how. See {@link setOption}. */
  setKeepAlive(keepAlive = true, options: KeepAlive = {}): void {
    checkBoolean(keepAlive, 'keepAlive');
    checkObject(options);
    const { idle, interval, count } = options;
    this.setOption(SOL_SOCKET, SO_KEEPALIVE, keepAlive);
    if (idle !== undefined) this.setOption(IPPROTO_TCP, TCP_KEEPIDLE, idle);
    if (interval !== undefined) this.setOption(IPPROTO_TCP, TCP_KEEPINTVL, interval);
    if (count !== undefined) this.setOption(IPPROTO_TCP, TCP_KEEPCNT, count);
  }
}

/** Whether a socket is of IP: what a unix socket receives may have descriptors with it. */
function isInet(fd: RawFd): boolean {
  const family = getsockopt(fd, SOL_SOCKET, SO_DOMAIN);
  return family === AF_INET || family === AF_INET6;
}
