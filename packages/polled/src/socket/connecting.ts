import { connect as connectEntry, type Driver, type RawFd, type SocketAddressInput } from '@polyring/core';
import { connect, getsockopt, IPPROTO_TCP, SO_ERROR, SO_PROTOCOL, SOL_SOCKET } from '@polyring/sys';
import { EAGAIN, ECANCELED } from '../transfer/again.js';
import type { CallParts } from '../transfer/call.js';
import type { Completing, RingWork, RingWorkHost } from '../transfer/completing.js';
import { Submitted } from '../transfer/submitted.js';

const EINPROGRESS = -115;
const EALREADY = -114;

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
    const result = this.#connect();
    this.#started = result === EAGAIN;
    return result;
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

  #connect(): number | undefined {
    return connect(this.#fd, this.#address) === EINPROGRESS ? EAGAIN : undefined;
  }

  #outcome(): number | undefined {
    // To ask TCP by another connect(2), as a ring does, ends the attempt for the socket too: it is connected, or may be anew.
    if (getsockopt(this.#fd, SOL_SOCKET, SO_PROTOCOL) === IPPROTO_TCP) {
      try {
        return this.#connect();
      } catch (error) {
        if ((error as NodeJS.ErrnoException).errno === EALREADY) return EAGAIN;
        throw error;
      }
    }
    const error = getsockopt(this.#fd, SOL_SOCKET, SO_ERROR);
    return error === 0 ? undefined : -error;
  }
}
