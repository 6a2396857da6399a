import { type BufferRing, IORING_CQE_BUFFER_SHIFT, IORING_CQE_F_BUFFER, PolyringError } from '@polyring/core';
import { BUF_WORDS, IORING_REGISTER_PBUF_RING, IORING_UNREGISTER_PBUF_RING, IOU_PBUF_RING_INC } from '../kernel/abi.js';
import type { NativeRing } from '../kernel/binding.js';
import { bufReg, register } from '../kernel/register.js';
import { SPAN_SIZE } from '../memory/arena.js';
import type { Block } from '../memory/block.js';
import type { CustodyMemory } from '../memory/custody-memory.js';
import { RingCompletion } from '../multishot/completion.js';
import type { MultishotOperation } from '../multishot/operation.js';
import { ProvidedBuffer } from './provided-buffer.js';

/** 16-bit words of `struct io_uring_buf`, the places of `bid` and, in the first, of the ring's tail. */
const BUF_HALF_WORDS = 2 * BUF_WORDS;
const BID_AT = 6;
const TAIL_AT = 7;

/** What a buffer ring needs of the driver. */
export interface BufferRingHost {
  readonly native: Pick<NativeRing, 'register'>;
  readonly memory: Pick<CustodyMemory, 'pool' | 'ownMemory'>;
  /** Whether memory stays where it is: the driver was closed, or its ring failed, and the kernel may still write to it. */
  readonly ended: boolean;
  /** See `Engine.behindTold`. */
  behindTold(task: () => void): void;
  /** The ring is closed. */
  closed(ring: ProvidedBufferRing): void;
}

/** A checked form of `BufferRingOptions`. */
export interface BufferRingSize {
  readonly entries: number;
  readonly bufferSize: number;
  readonly incremental: boolean;
}

/**
 * A ring of provided buffers: the queue by which the driver gives buffers to the kernel, and the buffers.
 *
 * The queue stands in memory that only the driver sees, because whoever wrote an address there would move a write of
 * the kernel. The buffers are blocks of the lendable pool, so that their bytes are shown in place.
 */
export class ProvidedBufferRing implements BufferRing {
  readonly group: number;
  readonly entries: number;
  readonly bufferSize: number;
  readonly incremental: boolean;
  readonly #host: BufferRingHost;
  readonly #queue: Block;
  readonly #words: Uint32Array;
  readonly #halfWords: Uint16Array;
  readonly #buffers: ProvidedBuffer[] = [];
  readonly #users = new Set<MultishotOperation>();
  #tail = 0;
  /** The kernel does not know all that was given to it, but will soon. */
  #publishing = false;
  #available = 0;
  #starving: (() => void)[] = [];
  #closing: Promise<void> | undefined;
  #registered = false;
  #userGone: (() => void) | undefined;

  /** @throws ERR_POLYRING_POOL_EXHAUSTED; the system error of io_uring_register(2) */
  constructor(group: number, size: BufferRingSize, host: BufferRingHost) {
    this.group = group;
    this.entries = size.entries;
    this.bufferSize = size.bufferSize;
    this.incremental = size.incremental;
    this.#host = host;
    const { pool, ownMemory } = host.memory;
    pool.becomeSeen();
    // A span and not less: it has to begin at a page, and those of arm64 have up to 64 KiB.
    this.#queue = ownMemory.take(Math.max(SPAN_SIZE, 4 * BUF_WORDS * size.entries));
    const { buffer } = this.#queue.arena.bytes;
    this.#words = new Uint32Array(buffer, this.#queue.offset, BUF_WORDS * size.entries);
    this.#halfWords = new Uint16Array(buffer, this.#queue.offset, BUF_HALF_WORDS * size.entries);
    this.#halfWords[TAIL_AT] = 0;
    try {
      for (let id = 0; id < size.entries; id += 1) {
        this.#buffers.push(new ProvidedBuffer(id, pool.take(size.bufferSize), this));
      }
      this.#register(IORING_REGISTER_PBUF_RING, size.incremental ? IOU_PBUF_RING_INC : 0);
    } catch (error) {
      this.#giveMemory();
      throw error;
    }
    this.#registered = true;
    for (const buffer of this.#buffers) this.provide(buffer);
  }

  get ended(): boolean {
    return this.#host.ended;
  }

  get available(): number {
    return this.#available;
  }

  /** What is told of a completion, with the part of a buffer that it brought if it brought one. */
  completionOf(result: number, flags: number): RingCompletion {
    if ((flags & IORING_CQE_F_BUFFER) === 0) return new RingCompletion(result, flags);
    const buffer = this.#buffers[flags >>> IORING_CQE_BUFFER_SHIFT] as ProvidedBuffer;
    const completion = buffer.fill(result, flags);
    if (!buffer.withKernel) this.#available -= 1;
    return completion;
  }

  /** Calls back when there are buffers, which may be now. */
  readonly whenRefilled = (again: () => void): void => {
    this.#starving.push(again);
    if (this.#available > 0 && this.#starving.length === 1) process.nextTick(this.#feed);
  };

  /** Gives a buffer to the kernel. */
  provide(buffer: ProvidedBuffer): void {
    if (!this.#registered) {
      buffer.block.home = undefined;
      this.#host.memory.pool.give(buffer.block);
      return;
    }
    const index = this.#tail & (this.entries - 1);
    const at = index * BUF_WORDS;
    this.#words[at] = buffer.addressLow;
    this.#words[at + 1] = buffer.addressHigh;
    this.#words[at + 2] = this.bufferSize;
    this.#halfWords[index * BUF_HALF_WORDS + BID_AT] = buffer.id;
    this.#tail = (this.#tail + 1) & 0xffff;
    // Once for all that are given by the completions of a drain: it costs as much as the rest of this.
    if (!this.#publishing) {
      this.#publishing = true;
      this.#host.behindTold(this.#publish);
    }
    this.#available += 1;
    if (this.#available === 1 && this.#starving.length > 0) process.nextTick(this.#feed);
  }

  /**
   * An operation selects from it from now on.
   *
   * @throws ERR_POLYRING_IN_USE, ERR_POLYRING_CLOSED
   */
  use(operation: MultishotOperation): void {
    if (this.#closing !== undefined) {
      throw new PolyringError('ERR_POLYRING_CLOSED', 'The buffer ring was closed. Make a new one from the driver.');
    }
    if (this.incremental && this.#users.size > 0) {
      throw new PolyringError(
        'ERR_POLYRING_IN_USE',
        'An incremental buffer ring serves one operation at a time. Make a ring for each, or one that is not incremental.',
      );
    }
    this.#users.add(operation);
  }

  /** The operation is over. */
  unuse(operation: MultishotOperation): void {
    this.#users.delete(operation);
    if (this.#users.size === 0) this.#userGone?.();
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    if (this.#users.size > 0) {
      await new Promise<void>((resolve) => {
        this.#userGone = resolve;
        for (const operation of [...this.#users]) operation.cancel();
      });
    }
    this.#host.closed(this);
    if (this.#host.ended) return;
    this.#register(IORING_UNREGISTER_PBUF_RING, 0);
    this.#registered = false;
    this.#giveMemory();
  }

  readonly #publish = (): void => {
    this.#publishing = false;
    // The memory of a driver that has ended is nobody's.
    if (this.#registered && !this.#host.ended) Atomics.store(this.#halfWords, TAIL_AT, this.#tail);
  };

  readonly #feed = (): void => {
    const starving = this.#starving;
    this.#starving = [];
    for (const again of starving) again();
  };

  #register(opcode: number, flags: number): void {
    register(this.#host.native, opcode, bufReg(this.#queue.address, this.entries, this.group, flags), 1);
  }

  /** Gives back what nobody has; what somebody has follows at its release. */
  #giveMemory(): void {
    for (const buffer of this.#buffers) buffer.retire();
    this.#host.memory.ownMemory.give(this.#queue);
  }
}
