import type { QueuedCompletion, RawFd } from '@polyring/core';

/** What is told of one completion of a multishot operation. What it made is released or discarded once. */
export class RingCompletion implements QueuedCompletion {
  readonly result: number;
  readonly flags: number;

  constructor(result: number, flags: number) {
    this.result = result;
    this.flags = flags;
  }

  /** The bytes of a selected buffer, in place, until they are released. */
  get bytes(): Buffer | undefined {
    return undefined;
  }

  /** Nobody has what it made yet: that ends with the driver. */
  park(): void {}

  /** The caller has what it made from now on. False if that has ended with the driver. */
  claim(): boolean {
    return true;
  }

  /** The caller needs the memory no more. */
  release(): void {}

  /** Nobody wants what it made. */
  discard(): void {}

  [Symbol.dispose](): void {
    this.release();
  }
}

/** What closes accepted descriptors, or drops registered files, that nobody takes. */
export interface DescriptorOwner {
  /** Whether what it has adopted ends, or has ended. */
  readonly closed: boolean;
  /** Closes one that it has not adopted, whether or not the ring is still there. */
  drop(fd: RawFd): void;
  adopt(fd: RawFd): void;
  disown(fd: RawFd): void;
  closeAdopted(fd: RawFd): void;
}

/** One that made a descriptor. While it is parked the ring owns it, however its environment ends. */
export class DescriptorCompletion extends RingCompletion {
  /** Undefined once the descriptor was released or discarded. */
  #owner: DescriptorOwner | undefined;
  #parked = false;

  constructor(fd: RawFd, flags: number, owner: DescriptorOwner) {
    super(fd, flags);
    this.#owner = owner;
  }

  override park(): void {
    if (this.#owner === undefined || this.#parked) return;
    this.#parked = true;
    this.#owner.adopt(this.result);
  }

  override claim(): boolean {
    const owner = this.#owner;
    if (!this.#parked || owner === undefined) return true;
    if (owner.closed) return false;
    this.#parked = false;
    owner.disown(this.result);
    return true;
  }

  override release(): void {
    this.#owner = undefined;
  }

  override discard(): void {
    const owner = this.#owner;
    this.#owner = undefined;
    if (this.#parked) owner?.closeAdopted(this.result);
    else owner?.drop(this.result);
  }
}
