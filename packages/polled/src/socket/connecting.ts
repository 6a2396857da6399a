import {
  addressDetails,
  connect as connectEntry,
  type Driver,
  Errno,
  encodeSocketAddress,
  InterestSlot,
  IORING_OP_CONNECT,
  IORING_OP_SENDMSG_ZC,
  type SocketAddressInput,
  type SystemErrorDetails,
  systemError,
} from '@polyring/core';
import { connect, getsockopt, SO_ERROR, SO_PROTOCOL, SOL_SOCKET } from '@polyring/sys';
import type { CallParts } from '../transfer/call.js';
import type { Channel } from '../transfer/channel.js';
import type { Completing, RingWork, RingWorkHost } from '../transfer/completing.js';
import type { ReadAhead } from '../transfer/read-ahead.js';
import { Submitted } from '../transfer/submitted.js';
import { familyOf } from './family.js';
import { finishWriting } from './socket-kinds.js';
import { progressOf } from './tcp-info.js';

const { EAGAIN, EALREADY, ECANCELED, ECONNABORTED, ECONNRESET, EINPROGRESS, EISCONN, EPIPE } = Errno;

/** Of linux/in.h. */
const IPPROTO_MPTCP = 262;

/** An address of it connects a socket no more (connect(2)). */
const AF_UNSPEC = 0;
const NOWHERE = { bytes: new Uint8Array(16) };

/** What the attempts of one socket have in common. */
export interface Attempts {
  readonly isTcp: boolean;
  /** Whether the driver's ring makes them, those of TCP. */
  readonly byRing: boolean;
  /** Whether the last one was told of, where the kernel has it go on until another connect(2) asks; undefined otherwise. */
  last: 'begun' | 'told' | undefined;
}

/** Those of a socket that has made none yet. */
export function noAttempts(driver: Driver, isTcp: boolean): Attempts {
  // SENDMSG_ZC came with Linux 6.1. The ring of 5.19 begins anew an attempt that a shutdown has ended.
  const byRing = isTcp && [IORING_OP_CONNECT, IORING_OP_SENDMSG_ZC].every((opcode) => driver.ioUringProbe(opcode));
  return { isTcp, byRing, last: undefined };
}

/** A connection on its way: by a ring, or by itself until the socket is writable. */
export class Connecting implements CallParts<undefined>, Completing<undefined> {
  readonly syscall = 'connect';
  readonly transfers = false;
  readonly first = true;
  readonly completing: Completing<undefined> | undefined;
  readonly #channel: Channel<ReadAhead>;
  readonly #address: { readonly bytes: Uint8Array };
  readonly #details: SystemErrorDetails;
  readonly #attempts: Attempts;
  #begun = false;
  #started = false;
  #failure = 0;

  /**
   * @param address may be another one by the time that the kernel is asked, or an error told
   * @throws ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE, ERR_OUT_OF_RANGE
   */
  constructor(channel: Channel<ReadAhead>, address: SocketAddressInput, attempts: Attempts) {
    this.completing = attempts.byRing ? this : undefined;
    this.#channel = channel;
    this.#address = { bytes: new Uint8Array(encodeSocketAddress(address)) };
    this.#details = addressDetails(address);
    this.#attempts = attempts;
  }

  /** Whether the kernel was asked. */
  get begun(): boolean {
    return this.#begun;
  }

  attempt(): number | undefined {
    if (this.#started) return this.#outcome();
    const { fd, lost } = this.#channel;
    const { isTcp, last } = this.#attempts;
    const connects = isTcp && !this.#disconnects();
    const progress = connects ? progressOf(fd) : undefined;
    if (progress === 'made' && last === 'told') return EISCONN;
    // Another connect(2) would tell too, and throw away what the peer has sent where it has reset the connection.
    if (progress === 'made' && last === 'begun' && !lost) return this.#tell();
    if (progress === 'made' || progress === 'none') this.#forgetLast();
    this.#begun = true;
    this.#started = connect(fd, this.#address) === EINPROGRESS;
    // It tells of what was made elsewhere, as by another object of the descriptor.
    if (!this.#started && last === undefined && progress === 'made') return this.#tell();
    this.#attempts.last = this.#started ? 'begun' : undefined;
    this.#forgetEnd();
    return this.#started ? EAGAIN : undefined;
  }

  start(host: RingWorkHost): RingWork | undefined {
    const { driver, fd } = this.#channel;
    // What is in flight keeps the process alive.
    if (this.#started || !this.#channel.hasRef()) return undefined;
    // Beside a connection or an attempt connect(2) says more: an error is a refusal, and what there is goes on.
    if (this.#disconnects() || progressOf(fd) !== 'none') return undefined;
    this.#forgetLast();
    this.#begun = true;
    return new Submitted(driver, connectEntry(fd, this.#address), host);
  }

  completed(result: number, givenUp = false): number | undefined {
    // Somebody else has connected it meanwhile, or its first write is to (TCP_FASTOPEN_CONNECT). That goes on.
    if (result === EISCONN || result === EALREADY) return result;
    this.#forgetEnd();
    // Linux 6.3 to 6.6 leave it as one that is not told of.
    if (result >= 0) return this.#tell(givenUp);
    if (result === ECANCELED) {
      // The connection goes on without the operation.
      this.#started = true;
      this.#attempts.last = 'begun';
      return EAGAIN;
    }
    const { fd, reading } = this.#channel;
    if (progressOf(fd) !== 'made') return this.#fail(result);
    // The ring has taken the error, which is told behind what was sent before. EPIPE is behind the end of the peer.
    if (result !== EPIPE) reading.failAtEnd(result);
    return this.#tell(givenUp);
  }

  failed(error: unknown): unknown {
    const { errno, syscall } = error as NodeJS.ErrnoException;
    return errno === undefined || syscall !== this.syscall ? error : this.#error(errno);
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
    if (this.#attempts.isTcp && progressOf(fd) !== 'made') {
      if (this.#failure === 0) this.#failure = -getsockopt(fd, SOL_SOCKET, SO_ERROR);
      connect(fd, NOWHERE);
    }
    // To shut an attempt down is ECONNRESET, though no peer has reset it.
    if (this.#failure === 0 || this.#failure === ECONNRESET) return undefined;
    return this.#error(this.#failure);
  }

  #error(errno: number): Error {
    return systemError(errno, this.syscall, { fd: this.#channel.fd, ...this.#details });
  }

  /** Of the last attempt nobody was told but of its loss, or it has failed and was given up: another begins anew. */
  #forgetLast(): void {
    if (this.#attempts.last === undefined) return;
    this.#attempts.last = undefined;
    connect(this.#channel.fd, NOWHERE);
  }

  /** How the connection before has ended is no end of another one. */
  #forgetEnd(): void {
    const channel = this.#channel;
    channel.lost = false;
    channel.reading.forgetFailure();
    channel.ahead?.renew();
  }

  /** Whether it is to end the connection. */
  #disconnects(): boolean {
    return familyOf(this.#address) === AF_UNSPEC;
  }

  #outcome(): number | undefined {
    const { fd } = this.#channel;
    if (this.#attempts.isTcp) {
      const progress = progressOf(fd);
      if (progress === 'connecting') return EAGAIN;
      if (progress === 'made') return this.#tell();
    } else if (getsockopt(fd, SOL_SOCKET, SO_PROTOCOL) === IPPROTO_MPTCP) {
      return this.#askAgain();
    }
    const error = getsockopt(fd, SOL_SOCKET, SO_ERROR);
    if (!this.#attempts.isTcp) return error === 0 ? undefined : -error;
    // Who has asked for the error of a TCP socket has taken it.
    return this.#fail(error === 0 ? ECONNABORTED : -error);
  }

  /** To the kernel MPTCP goes on until another connect(2) asks. That begins anew what a shutdown has ended. */
  #askAgain(): number | undefined {
    const { fd } = this.#channel;
    try {
      return connect(fd, this.#address) === EINPROGRESS ? this.#fail(ECONNABORTED) : undefined;
    } catch (error) {
      // Linux 5.19 says no more, and keeps the reason.
      const isAborted = (error as NodeJS.ErrnoException).errno === ECONNABORTED;
      const reason = isAborted ? getsockopt(fd, SOL_SOCKET, SO_ERROR) : 0;
      throw reason === 0 ? error : this.#error(-reason);
    }
  }

  #tell(givenUp = false): undefined {
    this.#attempts.last = givenUp ? 'begun' : 'told';
  }

  #fail(errno: number): number {
    this.#failure = errno;
    this.#attempts.last = undefined;
    // It has yet to end for the socket too, so that another may begin. Linux 6.18 leaves it as one whose stream has ended.
    connect(this.#channel.fd, NOWHERE);
    return errno;
  }
}
