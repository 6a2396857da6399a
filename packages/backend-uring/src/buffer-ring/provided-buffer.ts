import { IORING_CQE_F_BUF_MORE } from '@polyring/core';
import type { Block } from '../memory/block.js';
import type { Product } from '../multishot/completion.js';

/** Where a buffer goes that nobody uses any more. */
export interface BufferHome {
  provide(buffer: ProvidedBuffer): void;
}

/**
 * One buffer of a buffer ring: with the kernel, then with those who got what the kernel put into it.
 *
 * While somebody has it, it is lent memory like any other: operations may be submitted on its bytes, and it goes
 * back to the ring after the last of them. While the kernel has it, operations on it are refused.
 */
export class ProvidedBuffer {
  readonly id: number;
  readonly block: Block;
  readonly #home: BufferHome;
  /** Bytes that the kernel has put into it since it was provided. */
  #filled = 0;
  /** Completions that have a part of it. */
  #holders = 0;
  #withKernel = true;
  #view: Buffer | undefined;
  #viewStart = 0;

  constructor(id: number, block: Block, home: BufferHome) {
    this.id = id;
    this.block = block;
    this.#home = home;
    block.home = this;
  }

  /** The kernel has put `length` more bytes into it. */
  fill(length: number, flags: number): FilledPart {
    const part = new FilledPart(this, this.block.offset + this.#filled, length);
    this.#filled += length;
    this.#withKernel = (flags & IORING_CQE_F_BUF_MORE) !== 0;
    this.#holders += 1;
    this.block.lent = true;
    return part;
  }

  /** The bytes of a part. The same view is given again while parts of the same length begin at the same place. */
  view(start: number, length: number): Buffer {
    const { bytes, lendable } = this.block.arena;
    if (!lendable) return Buffer.from(bytes.subarray(start, start + length));
    if (this.#view === undefined || this.#viewStart !== start || this.#view.length !== length) {
      this.#view = bytes.subarray(start, start + length);
      this.#viewStart = start;
    }
    return this.#view;
  }

  /** Whether the kernel goes on filling it. */
  get withKernel(): boolean {
    return this.#withKernel;
  }

  /** One of the completions needs its part no more. */
  letGo(): void {
    this.#holders -= 1;
    if (this.#holders > 0) return;
    this.block.lent = false;
    if (this.block.users === 0) this.give();
  }

  /** The ring was taken away from the kernel. */
  retire(): void {
    this.#withKernel = false;
    if (!this.block.lent && this.block.users === 0) this.give();
  }

  /** Nobody uses it any more. Called for the block when the last operation on it ended. */
  give(): void {
    if (this.#withKernel) return;
    this.#filled = 0;
    this.#withKernel = true;
    this.#home.provide(this);
  }
}

/** What one completion brought in a buffer. */
export class FilledPart implements Product {
  readonly #buffer: ProvidedBuffer;
  readonly #start: number;
  readonly #length: number;

  constructor(buffer: ProvidedBuffer, start: number, length: number) {
    this.#buffer = buffer;
    this.#start = start;
    this.#length = length;
  }

  get bytes(): Buffer {
    return this.#buffer.view(this.#start, this.#length);
  }

  park(): void {}

  claim(): void {}

  release(): void {
    this.#buffer.letGo();
  }

  discard(): void {
    this.#buffer.letGo();
  }
}
