import { IORING_CQE_F_BUF_MORE } from '@polyring/core';
import { upperHalf } from '../kernel/word.js';
import type { Block, BlockHome } from '../memory/block.js';
import { RingCompletion } from '../multishot/completion.js';

/** Where a buffer goes that nobody uses any more. */
export interface BufferHome {
  /** Whether its memory ends, or has ended, with the driver. */
  readonly ended: boolean;
  /** Bytes of each buffer. */
  readonly bufferSize: number;
  provide(buffer: ProvidedBuffer): void;
}

/**
 * One buffer of a buffer ring: with the kernel, then with those who got what the kernel put into it.
 *
 * It keeps what a completion needs of its block, whose memory the processor would have to wait for otherwise.
 *
 * While somebody has it, it is lent memory like any other: operations may be submitted on its bytes, and it goes
 * back to the ring after the last of them. While the kernel has it, operations on it are refused.
 */
export class ProvidedBuffer implements BlockHome {
  readonly id: number;
  readonly block: Block;
  /** The halves of its address. */
  readonly addressLow: number;
  readonly addressHigh: number;
  users = 0;
  readonly #home: BufferHome;
  readonly #start: number;
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
    this.addressLow = block.address | 0;
    this.addressHigh = upperHalf(block.address);
    this.#home = home;
    this.#start = block.offset;
    block.home = this;
  }

  /**
   * The kernel has put `result` more bytes into it, or none with an error. Of a datagram that has more than there is room for
   * the result may be the whole length (MSG_TRUNC of recv(2)).
   */
  fill(result: number, flags: number): FilledCompletion {
    const completion = new FilledCompletion(result, flags, this, this.#start + this.#filled);
    this.#filled = Math.min(this.#filled + Math.max(result, 0), this.#home.bufferSize);
    this.#withKernel = (flags & IORING_CQE_F_BUF_MORE) !== 0;
    this.#holders += 1;
    return completion;
  }

  /**
   * The bytes of a part, `most` if it has as many. The same view is given again while parts of the same length begin at the
   * same place.
   */
  view(start: number, most: number): Buffer {
    const length = Math.min(most, this.#start + this.#home.bufferSize - start);
    if (this.#view?.length === length && this.#viewStart === start) return this.#view;
    const { bytes, lendable } = this.block.arena;
    const view = bytes.subarray(start, start + length);
    if (!lendable) return Buffer.from(view);
    this.#view = view;
    this.#viewStart = start;
    return view;
  }

  /** Whether the kernel goes on filling it. */
  get withKernel(): boolean {
    return this.#withKernel;
  }

  /** Whether somebody has a part of it. */
  get lent(): boolean {
    return this.#holders > 0;
  }

  /** Whether its memory ends, or has ended, with the driver. */
  get gone(): boolean {
    return this.#home.ended;
  }

  /** One of the completions needs its part no more. */
  letGo(): void {
    this.#holders -= 1;
    if (!this.lent && this.users === 0) this.give();
  }

  /** The ring was taken away from the kernel. */
  retire(): void {
    this.#withKernel = false;
    if (!this.lent && this.users === 0) this.give();
  }

  /** Nobody uses it any more. Called for the block when the last operation on it ended. */
  give(): void {
    if (this.#withKernel) return;
    this.#filled = 0;
    this.#withKernel = true;
    this.#home.provide(this);
  }
}

/** One that brought bytes in a buffer. */
export class FilledCompletion extends RingCompletion {
  /** Undefined once it was released. */
  #buffer: ProvidedBuffer | undefined;
  readonly #start: number;
  #bytes: Buffer | undefined;

  constructor(result: number, flags: number, buffer: ProvidedBuffer, start: number) {
    super(result, flags);
    this.#buffer = buffer;
    this.#start = start;
  }

  override get bytes(): Buffer | undefined {
    this.#bytes ??= this.#buffer?.view(this.#start, Math.max(this.result, 0));
    return this.#bytes;
  }

  override claim(): boolean {
    return this.#buffer?.gone !== true;
  }

  override release(): void {
    const buffer = this.#buffer;
    this.#buffer = undefined;
    this.#bytes = undefined;
    buffer?.letGo();
  }

  override discard(): void {
    this.release();
  }
}
