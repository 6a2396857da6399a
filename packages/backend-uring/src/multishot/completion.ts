import type { QueuedCompletion, RawFd } from '@polyring/core';

/** What an operation made with its completion besides the result: a descriptor or a selected buffer. */
export interface Product {
  /** The bytes of a selected buffer, in place. */
  readonly bytes: Buffer | undefined;
  /** Nobody has it yet: it ends with the driver. */
  park(): void;
  /** The caller has it from now on. */
  claim(): void;
  /** The caller needs the memory no more. */
  release(): void;
  /** Nobody wants it. */
  discard(): void;
}

/** What is told of one completion of a multishot operation. Its product is released or discarded once. */
export class RingCompletion implements QueuedCompletion {
  readonly result: number;
  readonly flags: number;
  #product: Product | undefined;
  #bytes: Buffer | undefined;

  constructor(result: number, flags: number, product: Product | undefined) {
    this.result = result;
    this.flags = flags;
    this.#product = product;
  }

  get bytes(): Buffer | undefined {
    this.#bytes ??= this.#product?.bytes;
    return this.#bytes;
  }

  park(): void {
    this.#product?.park();
  }

  claim(): void {
    this.#product?.claim();
  }

  release(): void {
    RingCompletion.#take(this)?.release();
  }

  discard(): void {
    RingCompletion.#take(this)?.discard();
  }

  [Symbol.dispose](): void {
    this.release();
  }

  /** Static, as a private method would cost each completion a word and a call. */
  static #take(completion: RingCompletion): Product | undefined {
    const product = completion.#product;
    completion.#product = undefined;
    completion.#bytes = undefined;
    return product;
  }
}

/** What closes accepted descriptors, or drops registered files, that nobody takes. */
export interface DescriptorOwner {
  adopt(fd: RawFd): void;
  disown(fd: RawFd): void;
  closeAdopted(fd: RawFd): void;
}

/** A descriptor that an operation made. While it is parked the ring owns it, however its environment ends. */
export class MadeDescriptor implements Product {
  readonly bytes = undefined;
  readonly #fd: RawFd;
  readonly #owner: DescriptorOwner;
  #parked = false;

  constructor(fd: RawFd, owner: DescriptorOwner) {
    this.#fd = fd;
    this.#owner = owner;
  }

  park(): void {
    this.#parked = true;
    this.#owner.adopt(this.#fd);
  }

  claim(): void {
    if (!this.#parked) return;
    this.#parked = false;
    this.#owner.disown(this.#fd);
  }

  release(): void {}

  discard(): void {
    if (!this.#parked) this.#owner.adopt(this.#fd);
    this.#owner.closeAdopted(this.#fd);
  }
}
