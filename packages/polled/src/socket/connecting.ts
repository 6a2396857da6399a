import { connect as connectEntry, type Driver, type RawFd, type SocketAddressInput } from '@polyring/core';
import { connect, getsockopt, SO_ERROR, SOL_SOCKET } from '@polyring/sys';
import { EAGAIN, ECANCELED } from '../transfer/again.js';
import type { CallParts } from '../transfer/call.js';
import type { Completing, RingWork, RingWorkHost } from '../transfer/completing.js';
import { Submitted } from '../transfer/submitted.js';

const EINPROGRESS = -115;

/** A connection on its way: by a ring, or by itself until the socket is writable. */
export class Connecting implements CallParts<undefined>, Completing<undefined> {
  readonly syscall = 'connect';
  readonly transfers = false;
  readonly first = true;
  readonly #ring: Driver | undefined;
  readonly #fd: RawFd;
  readonly #address: SocketAddressInput;
  #started = false;

  /** @param ring a driver whose ring does it */
  constructor(fd: RawFd, address: SocketAddressInput, ring: Driver | undefined) {
    this.#fd = fd;
    this.#address = address;
    this.#ring = ring;
  }

  get completing(): Completing<undefined> | undefined {
    return this.#ring === undefined ? undefined : this;
  }

  attempt(): number | undefined {
    if (this.#started) return this.#outcome();
    this.#started = connect(this.#fd, this.#address) === EINPROGRESS;
    return this.#started ? EAGAIN : undefined;
  }

  start(host: RingWorkHost): RingWork | undefined {
    if (this.#started || this.#ring === undefined) return undefined;
    return new Submitted(this.#ring, connectEntry(this.#fd, this.#address), host);
  }

  /** The connection goes on without the operation that was cancelled. */
  completed(result: number): number | undefined {
    if (result >= 0) return undefined;
    if (result !== ECANCELED) return result;
    this.#started = true;
    return EAGAIN;
  }

  #outcome(): number | undefined {
    const error = getsockopt(this.#fd, SOL_SOCKET, SO_ERROR);
    return error === 0 ? undefined : -error;
  }
}
