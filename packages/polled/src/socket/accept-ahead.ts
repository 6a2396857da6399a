import {
  acceptMultishot,
  type Driver,
  type Entry,
  IORING_OP_ACCEPT,
  isPolyringError,
  type QueuedCompletion,
  type RawFd,
} from '@polyring/core';
import { SO_LINGER, SOL_SOCKET, setsockopt } from '@polyring/sys';
import { Ahead, type AheadHost } from '../transfer/ahead.js';

/** Connections that may wait for somebody to ask for them before the rest is left to the kernel's backlog. */
const HIGH_WATER_MARK = 64;

/** `struct linger` for a close that resets the connection, as the kernel does with those of a backlog. */
const RESET = Int32Array.of(1, 0);

/**
 * Has the kernel accept the connections of a listener. Where it fails, as without a free descriptor, whoever asks next
 * does so himself, until a connection was accepted.
 */
export class AcceptAhead extends Ahead {
  readonly #connections: QueuedCompletion[] = [];
  #unwanted = false;

  /** What makes one for a listener of a driver; undefined where the kernel does not grant it. */
  static for(driver: Driver): ((host: AheadHost) => AcceptAhead) | undefined {
    const granted = driver.ioUringProbe(IORING_OP_ACCEPT) && driver.ioUring.features.acceptMultishot;
    return granted ? (host) => new AcceptAhead(host) : undefined;
  }

  get filled(): boolean {
    return this.#connections.length > 0;
  }

  /**
   * Takes a connection, which is the caller's to close.
   *
   * @returns its descriptor; a negative error number, EAGAIN to wait for; undefined if the caller has to accept himself
   */
  take(): RawFd | undefined {
    for (let connection = this.#connections.shift(); connection !== undefined; connection = this.#connections.shift()) {
      if (connection.claim()) return connection.result;
    }
    return this.nothing();
  }

  /** Takes all connections. */
  takeAll(): RawFd[] {
    return this.#connections.splice(0).flatMap((connection) => (connection.claim() ? [connection.result] : []));
  }

  /** Says that a connection was accepted by other means, so that what has failed may go on. */
  accepted(): void {
    this.restart();
  }

  override end(over: () => void): void {
    this.#unwanted = true;
    if (!this.active) {
      super.end(over);
      return;
    }
    this.drop();
    // A cancelled operation would close what still comes, and not reset it.
    this.quiet().then(() => super.end(over));
  }

  completed(completion: QueuedCompletion): void {
    if (this.#unwanted) {
      reset(completion);
      return;
    }
    this.#connections.push(completion);
    this.wake();
    if (this.#connections.at(-1) !== completion) return;
    completion.park();
    if (this.#connections.length >= HIGH_WATER_MARK) this.pause();
  }

  override ended(error: Error | undefined): void {
    // What its completions hold ends with the driver.
    if (this.isLast(error)) this.drop();
    super.ended(error);
  }

  protected entry(fd: RawFd): Entry {
    return acceptMultishot(fd);
  }

  protected drop(): void {
    for (const connection of this.#connections.splice(0)) reset(connection);
  }

  /** Only the end of its driver is the end of a listener. */
  protected isLast(error: Error | undefined): boolean {
    return error === undefined || isPolyringError(error);
  }
}

function reset(connection: QueuedCompletion): void {
  if (!connection.claim()) return;
  setsockopt(connection.result, SOL_SOCKET, SO_LINGER, RESET);
  connection.discard();
}
