import { constants } from 'node:os';
import {
  type Driver,
  InterestSlot,
  Pending,
  PollEvents,
  type PollSocketReady,
  type RawFd,
  systemError,
} from '@polyring/core';
import {
  close,
  connect,
  getsockopt,
  SO_ERROR,
  SOL_SOCKET,
  type SocketAddressInput,
  socket,
  tryAccept,
  tryRecv,
  trySend,
} from '@polyring/sys';

const EAGAIN = -constants.errno.EAGAIN;

/** A TCP socket whose readiness comes from a driver's socket part. It owns the descriptor. */
export class ReadySocket {
  readonly #fd: RawFd;
  readonly #ready: PollSocketReady;
  #closed = false;

  /**
   * @param fd closed if this throws
   * @throws what `newDynSocketReady` throws
   */
  constructor(driver: Driver, fd: RawFd) {
    this.#fd = fd;
    try {
      this.#ready = driver.newDynSocketReady(fd);
    } catch (error) {
      close(fd);
      throw error;
    }
  }

  /** Connects a new socket. */
  static async connect(driver: Driver, address: SocketAddressInput): Promise<ReadySocket> {
    const fd = socket('ipv4', 'stream');
    let inProgress: boolean;
    try {
      // Before it is registered: a fresh socket is reported as hung up.
      inProgress = connect(fd, address) < 0;
    } catch (error) {
      close(fd);
      throw error;
    }
    const connection = new ReadySocket(driver, fd);
    try {
      if (inProgress) await connection.#until(InterestSlot.Write, PollEvents.OUT);
      const failure = getsockopt(fd, SOL_SOCKET, SO_ERROR);
      if (failure !== 0) throw systemError(-failure, 'connect', { fd });
      return connection;
    } catch (error) {
      connection.close();
      throw error;
    }
  }

  /** Waits for the next connection and takes it. */
  accept(): Promise<RawFd> {
    return this.#whenReady(InterestSlot.Read, PollEvents.IN, 'accept4', () => tryAccept(this.#fd));
  }

  /** Waits for bytes. Resolves to how many came; 0 at the end. */
  receive(into: Buffer): Promise<number> {
    return this.#whenReady(InterestSlot.Read, PollEvents.IN, 'recv', () => tryRecv(this.#fd, into));
  }

  /** Sends all of some bytes. */
  async send(bytes: Buffer): Promise<void> {
    for (let sent = 0; sent < bytes.length; ) {
      sent += await this.#whenReady(InterestSlot.Write, PollEvents.OUT, 'send', () => trySend(this.#fd, bytes, sent));
    }
  }

  /** Lets go of the socket, then closes it. Closing twice is no error. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#ready[Symbol.dispose]();
    close(this.#fd);
  }

  /** Tries, and tries again each time the socket is ready, until it did not say EAGAIN. */
  async #whenReady(slot: InterestSlot, events: PollEvents, syscall: string, io: () => number): Promise<number> {
    for (;;) {
      const result = io();
      if (result >= 0) return result;
      if (result !== EAGAIN) throw systemError(result, syscall, { fd: this.#fd });
      this.#ready.clearSocketReady(slot);
      await this.#until(slot, events);
    }
  }

  #until(slot: InterestSlot, events: PollEvents): Promise<void> {
    return new Promise((resolve, reject) => {
      const poll = (): void => {
        try {
          if (this.#ready.pollSocketReady(poll, slot, events) !== Pending) resolve();
        } catch (error) {
          reject(error);
        }
      };
      poll();
    });
  }
}
