import { connect as connectEntry, InterestSlot, type SocketAddressInput, systemError } from '@polyring/core';
import { connect, getsockopt, IPPROTO_TCP, SO_ERROR, SO_PROTOCOL, SOL_SOCKET } from '@polyring/sys';
import { EAGAIN, ECANCELED } from '../transfer/again.js';
import type { CallParts } from '../transfer/call.js';
import type { Channel } from '../transfer/channel.js';
import type { Completing, RingWork, RingWorkHost } from '../transfer/completing.js';
import type { ReadAhead } from '../transfer/read-ahead.js';
import { Submitted } from '../transfer/submitted.js';
import { familyOf } from './family.js';
import { finishWriting } from './socket-kinds.js';
import { progressOf } from './tcp-info.js';

const EINVAL = -22;
const EPIPE = -32;
const ECONNABORTED = -103;
const ECONNRESET = -104;
const EISCONN = -106;
const EALREADY = -114;
const EINPROGRESS = -115;

/** How the kernel refuses to begin an attempt; EINVAL is for one of a lost connection that was shut down. What there is goes on. */
const REFUSALS: ReadonlySet<number> = new Set([EISCONN, EALREADY, EINVAL]);

/** An address of it connects a socket no more (connect(2)). */
const AF_UNSPEC = 0;
const NOWHERE = { bytes: new Uint8Array(16) };

/** What the attempts of one socket have in common. */
export interface Attempts {
  /** Whether one has told of the connection. The kernel does not know, and would take another connect(2) to ask for that. */
  told: boolean;
}

/** A connection on its way: by a ring, or by itself until the socket is writable. */
export class Connecting implements CallParts<undefined>, Completing<undefined> {
  readonly syscall = 'connect';
  readonly transfers = false;
  readonly first = true;
  readonly completing: Completing<undefined> | undefined;
  readonly #channel: Channel<ReadAhead>;
  readonly #address: SocketAddressInput;
  readonly #attempts: Attempts;
  #begun = false;
  #started = false;
  #failure = 0;

  /** @param byRing whether the driver's ring does it */
  constructor(channel: Channel<ReadAhead>, address: SocketAddressInput, byRing: boolean, attempts: Attempts) {
    this.completing = byRing ? this : undefined;
    this.#channel = channel;
    this.#address = address;
    this.#attempts = attempts;
  }

  /** Whether the kernel was asked. */
  get begun(): boolean {
    return this.#begun;
  }

  attempt(): number | undefined {
    if (this.#started) return this.#outcome();
    if (this.#isConnected()) return EISCONN;
    this.#begun = true;
    const { fd, reading } = this.#channel;
    this.#started = connect(fd, this.#address) === EINPROGRESS;
    reading.forgetFailure();
    return this.#started ? EAGAIN : undefined;
  }

  start(host: RingWorkHost): RingWork | undefined {
    const { driver, fd } = this.#channel;
    // What is in flight keeps the process alive.
    if (this.#started || !this.#channel.hasRef() || this.#isConnected()) return undefined;
    this.#begun = true;
    return new Submitted(driver, connectEntry(fd, this.#address), host);
  }

  completed(result: number): number | undefined {
    if (REFUSALS.has(result)) return result;
    const { fd, reading } = this.#channel;
    reading.forgetFailure();
    if (result >= 0) return undefined;
    if (result === ECANCELED) {
      // The connection goes on without the operation.
      this.#started = true;
      return EAGAIN;
    }
    if (!this.#isTcp() || progressOf(fd) !== 'made') return this.#fail(result);
    // The ring has taken the error, which is told behind what was sent before. EPIPE is behind the end of the peer.
    if (result !== EPIPE) reading.failAtEnd(result);
    return this.#tell();
  }

  /**
   * The writing half was disposed of meanwhile: shuts down what was connected since, and ends an attempt which hangs.
   *
   * @returns why the attempt has failed, where it was not ended
   */
  leaveHalf(): Error | undefined {
    const { fd } = this.#channel;
    if (!this.#channel.open(InterestSlot.Read)) return undefined;
    finishWriting(fd);
    if (this.#isTcp() && progressOf(fd) !== 'made') {
      if (this.#failure === 0) this.#failure = -getsockopt(fd, SOL_SOCKET, SO_ERROR);
      connect(fd, NOWHERE);
    }
    // To shut an attempt down is ECONNRESET, though no peer has reset it.
    if (this.#failure === 0 || this.#failure === ECONNRESET) return undefined;
    return systemError(this.#failure, this.syscall, { fd });
  }

  /** Whether there is a connection that was told of. */
  #isConnected(): boolean {
    const attempts = this.#attempts;
    attempts.told &&= familyOf(this.#address) !== AF_UNSPEC && progressOf(this.#channel.fd) === 'made';
    return attempts.told;
  }

  #isTcp(): boolean {
    return getsockopt(this.#channel.fd, SOL_SOCKET, SO_PROTOCOL) === IPPROTO_TCP;
  }

  #outcome(): number | undefined {
    const { fd } = this.#channel;
    const isTcp = this.#isTcp();
    if (isTcp) {
      // Another connect(2) would tell too, and throw away what the peer has sent where it has reset the connection.
      const progress = progressOf(fd);
      if (progress === 'connecting') return EAGAIN;
      if (progress === 'made') return this.#tell();
    }
    const error = getsockopt(fd, SOL_SOCKET, SO_ERROR);
    if (error !== 0) return this.#fail(-error);
    // Who has asked for the error of a TCP socket has taken it.
    return isTcp ? this.#fail(ECONNABORTED) : undefined;
  }

  #tell(): undefined {
    this.#attempts.told = true;
  }

  #fail(errno: number): number {
    this.#failure = errno;
    // It has yet to end for the socket too, so that another may begin. Linux 6.18 leaves it as one whose stream has ended.
    if (this.#isTcp()) connect(this.#channel.fd, NOWHERE);
    return errno;
  }
}
