import { connect as connectEntry, InterestSlot, type SocketAddressInput, systemError } from '@polyring/core';
import { connect, getsockopt, IPPROTO_TCP, SO_ERROR, SO_PROTOCOL, SOL_SOCKET } from '@polyring/sys';
import { EAGAIN, ECANCELED } from '../transfer/again.js';
import type { CallParts } from '../transfer/call.js';
import type { Channel } from '../transfer/channel.js';
import type { Completing, RingWork, RingWorkHost } from '../transfer/completing.js';
import type { ReadAhead } from '../transfer/read-ahead.js';
import { Submitted } from '../transfer/submitted.js';
import { finishWriting } from './socket-kinds.js';
import { isLost, wasMade } from './tcp-info.js';

const EPIPE = -32;
const ECONNRESET = -104;
const EISCONN = -106;
const EALREADY = -114;
const EINPROGRESS = -115;

/** An address of AF_UNSPEC, by which a socket is connected no more (connect(2)). */
const NOWHERE = { bytes: new Uint8Array(16) };

/** A connection on its way: by a ring, or by itself until the socket is writable. */
export class Connecting implements CallParts<undefined>, Completing<undefined> {
  readonly syscall = 'connect';
  readonly transfers = false;
  readonly first = true;
  readonly completing: Completing<undefined> | undefined;
  readonly #channel: Channel<ReadAhead>;
  readonly #address: SocketAddressInput;
  #begun = false;
  #started = false;
  #failure = 0;

  /** @param byRing whether the driver's ring does it */
  constructor(channel: Channel<ReadAhead>, address: SocketAddressInput, byRing: boolean) {
    this.completing = byRing ? this : undefined;
    this.#channel = channel;
    this.#address = address;
  }

  /** Whether the kernel was asked. */
  get begun(): boolean {
    return this.#begun;
  }

  attempt(): number | undefined {
    this.#begun = true;
    if (this.#started) return this.#outcome();
    const result = this.#connect();
    this.#started = result === EAGAIN;
    return result;
  }

  start(host: RingWorkHost): RingWork | undefined {
    const { driver, fd } = this.#channel;
    // What is in flight keeps the process alive.
    if (this.#started || !this.#channel.hasRef()) return undefined;
    this.#begun = true;
    return new Submitted(driver, connectEntry(fd, this.#address), host);
  }

  /** The connection goes on without the operation that was cancelled. */
  completed(result: number): number | undefined {
    if (result >= 0) return undefined;
    if (result === ECANCELED) {
      this.#started = true;
      return EAGAIN;
    }
    if (result === EISCONN || result === EALREADY) return result;
    if (this.#isTcp() && isLost(this.#channel.fd)) {
      // The ring has taken the error, which is told behind what was sent before. EPIPE is behind the end of the peer.
      if (result !== EPIPE) this.#channel.reading.failAtEnd(result);
      return undefined;
    }
    this.#failure = result;
    // Linux 6.18 leaves the socket as one whose stream has ended, and reads would say so.
    if (this.#isTcp()) connect(this.#channel.fd, NOWHERE);
    return result;
  }

  /**
   * The writing half was disposed of meanwhile: shuts down what was connected since, and ends an attempt which hangs.
   *
   * @returns why the attempt has failed, where it was not ended
   */
  leaveHalf(): Error | undefined {
    const { fd } = this.#channel;
    if (!this.#begun || !this.#channel.open(InterestSlot.Read)) return undefined;
    finishWriting(fd);
    if (this.#isTcp() && !wasMade(fd)) {
      if (this.#failure === 0) this.#failure = -getsockopt(fd, SOL_SOCKET, SO_ERROR);
      connect(fd, NOWHERE);
    }
    // To shut an attempt down is ECONNRESET, though no peer has reset it.
    if (this.#failure === 0 || this.#failure === ECONNRESET) return undefined;
    return systemError(this.#failure, this.syscall, { fd });
  }

  #connect(): number | undefined {
    return connect(this.#channel.fd, this.#address) === EINPROGRESS ? EAGAIN : undefined;
  }

  #isTcp(): boolean {
    return getsockopt(this.#channel.fd, SOL_SOCKET, SO_PROTOCOL) === IPPROTO_TCP;
  }

  #outcome(): number | undefined {
    // To ask TCP by another connect(2), as a ring does, ends the attempt for the socket too: it is connected, or may be anew.
    if (this.#isTcp()) {
      // That would throw away what the peer has sent before, and why the connection was lost.
      if (isLost(this.#channel.fd)) return undefined;
      try {
        return this.#connect();
      } catch (error) {
        if ((error as NodeJS.ErrnoException).errno === EALREADY) return EAGAIN;
        throw error;
      }
    }
    const error = getsockopt(this.#channel.fd, SOL_SOCKET, SO_ERROR);
    return error === 0 ? undefined : -error;
  }
}
