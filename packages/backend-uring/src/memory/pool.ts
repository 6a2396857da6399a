import { bufferOf, PolyringError, type PoolStatistics, systemError } from '@polyring/core';
import { type Arena, SPAN_SIZE } from './arena.js';
import { Block } from './block.js';
import { Slab } from './slab.js';

/** Sizes of the blocks of slabs, in bytes. From the page size up they are aligned to a page. */
const CLASSES = [64, 512, 4096, 16384, 32768] as const;
const LARGEST_USUAL_ARENA_SPANS = 1024;

/** How a pool gets its memory. */
export interface PoolOptions {
  /** Makes an arena of a number of spans, or a negative error number. */
  readonly makeArena: (spanCount: number) => Arena | number;
  /** Spans of the first arena; each further one has twice as many. A power of two. */
  readonly firstSpans: number;
  /** The most bytes of all arenas together. */
  readonly limit: number;
}

/** The error of a request that the pool has no room for. */
export class PoolExhaustedError extends PolyringError {
  /** Whether there is never room, so that waiting is in vain. */
  readonly hopeless: boolean;

  constructor(message: string, hopeless: boolean) {
    super('ERR_POLYRING_POOL_EXHAUSTED', message);
    this.hopeless = hopeless;
  }
}

/** Somebody who waits for room. */
export interface PoolWaiter {
  /** Takes what it waits for, and goes on. Throws PoolExhaustedError, and waits on, if there still is no room. */
  serve(): void;
  /** There will be none. */
  refuse(error: Error): void;
}

/** Slabs of one block size that have a free block. */
interface SizeClass {
  readonly size: number;
  readonly partial: Slab[];
}

/**
 * The memory that the kernel may touch: arenas, cut into blocks. It grows by a further arena
 * when it is full, up to a limit, and never gives an arena back before the driver ends.
 *
 * Whoever finds it at its limit may wait. Those who wait are served in order, and before anybody else:
 * a large request would never get its turn among small ones otherwise.
 */
export class Pool {
  readonly #options: PoolOptions;
  readonly #arenas: Arena[] = [];
  /** By the Buffer of each loan; null once it was released. */
  readonly #shown = new WeakMap<ArrayBufferView, Block | null>();
  readonly #classes: readonly SizeClass[] = CLASSES.map((size) => ({ size, partial: [] }));
  readonly #waiters = new Set<PoolWaiter>();
  #capacity = 0;
  #used = 0;
  #lent = 0;
  #isSeen = false;
  #serving = false;
  #servingSoon = false;

  constructor(options: PoolOptions) {
    this.#options = options;
  }

  get statistics(): PoolStatistics {
    return {
      limit: this.#options.limit,
      capacity: this.#capacity,
      lent: this.#lent,
      inFlight: this.#used - this.#lent,
      waiting: this.#waiters.size,
    };
  }

  /**
   * Takes a block of at least `size` bytes. What stands in it is unspecified.
   *
   * Blocks of up to a page are aligned to their size, larger ones to a page.
   *
   * @throws PoolExhaustedError; the system error of a refused mapping
   */
  take(size: number): Block {
    if (this.#othersFirst()) throw this.#exhausted(orderOf(Math.ceil(size / SPAN_SIZE)));
    const block = this.#take(size);
    this.#used += block.size;
    return block;
  }

  /** Gives a block back. */
  give(block: Block): void {
    this.#used -= block.size;
    if (block.slab === undefined) this.#giveSpans(block);
    else this.#giveToSlab(block, block.slab);
    // One who is served and finds too little gives back what he took of it, which makes no room.
    if (this.#othersFirst()) this.#serveSoon();
  }

  /** Whether waiting may help against an error: room was all that lacked, and somebody has yet to give some back. */
  mayWaitFor(error: unknown): boolean {
    return error instanceof PoolExhaustedError && !error.hopeless && (this.#used > 0 || this.#othersFirst());
  }

  /**
   * Throws unless the limit leaves room for several blocks at a time.
   *
   * @throws PoolExhaustedError
   */
  checkLimit(sizes: readonly number[]): void {
    const { limit } = this.#options;
    const bytes = spansFor(sizes) * SPAN_SIZE;
    if (bytes <= limit) return;
    throw new PoolExhaustedError(
      `The driver's memory pool can never lend ${bytes} bytes at a time, which this needs together: its limit is ${limit}. ` +
        'Link fewer operations, or raise the option "poolLimit".',
      true,
    );
  }

  /** Views of its memory are in the hands of the driver's user from now on. */
  becomeSeen(): void {
    this.#isSeen = true;
  }

  /** Marks a block as lent to the driver's user. */
  lend(block: Block): void {
    this.becomeSeen();
    block.lent = true;
    this.#lent += block.size;
  }

  /** The driver's user has released a block; it is given back once no operation uses it. */
  unlend(block: Block): void {
    block.lent = false;
    this.#lent -= block.size;
    if (block.users === 0) this.give(block);
  }

  /** Has somebody wait for room. */
  wait(waiter: PoolWaiter): void {
    this.#waiters.add(waiter);
  }

  /** Ends somebody's waiting. Whoever stands behind may have room enough. */
  leave(waiter: PoolWaiter): void {
    if (this.#waiters.delete(waiter)) this.#serveSoon();
  }

  /** Ends all waiting. */
  refuseAll(error: Error): void {
    const waiters = [...this.#waiters];
    this.#waiters.clear();
    for (const waiter of waiters) waiter.refuse(error);
  }

  /** Remembers the Buffer through which a lent block is seen. */
  show(block: Block, bytes: Buffer): void {
    this.#shown.set(bytes, block);
  }

  /** Remembers that the Buffer of a loan shows nothing that may be used: its memory will be another loan's. */
  hide(bytes: Buffer): void {
    this.#shown.set(bytes, null);
  }

  /**
   * The block that a view shows, if it is the very Buffer that was lent: found without asking the view for its
   * ArrayBuffer and offset, which are calls into the runtime.
   */
  blockOf(view: ArrayBufferView): Block | undefined {
    return this.#shown.get(view) ?? undefined;
  }

  /** The arena whose memory a view shows, if it is the pool's. To ask a view for its buffer is a call into the runtime. */
  arenaOf(view: ArrayBufferView): Arena | undefined {
    if (!this.#isSeen) return undefined;
    const buffer = bufferOf(view);
    for (const arena of this.#arenas) {
      if (arena.bytes.buffer === buffer) return arena;
    }
    return undefined;
  }

  /** The lent block that holds a view's `length` bytes, at `offset` of an arena; undefined if it is not, or no longer, lent. */
  lentBlock(view: ArrayBufferView, arena: Arena, offset: number, length: number): Block | undefined {
    if (this.#shown.get(view) === null) return undefined;
    const owner = arena.owners[Math.floor(offset / SPAN_SIZE)];
    const block =
      owner instanceof Slab ? owner.blocks[Math.floor((offset % SPAN_SIZE) / (owner.blocks[0] as Block).size)] : owner;
    if (block === undefined || !block.use.lent) return undefined;
    return offset + length > block.offset + block.size ? undefined : block;
  }

  #take(size: number): Block {
    for (const sizeClass of this.#classes) {
      if (size <= sizeClass.size) return this.#takeFromSlab(sizeClass);
    }
    return this.#takeSpans(orderOf(Math.ceil(size / SPAN_SIZE)));
  }

  #takeFromSlab(sizeClass: SizeClass): Block {
    const { partial, size } = sizeClass;
    let slab = partial.at(-1);
    if (slab === undefined) {
      const { arena, first } = this.#spans(0);
      slab = new Slab(arena, first, size, partial);
      arena.owners[first] = slab;
      partial.push(slab);
    }
    const block = slab.free.pop() as Block;
    if (slab.free.length === 0) partial.pop();
    return block;
  }

  #takeSpans(order: number): Block {
    const { arena, first } = this.#spans(order);
    const block = new Block(arena, first * SPAN_SIZE, (1 << order) * SPAN_SIZE, undefined);
    arena.owners.fill(block, first, first + 2 ** order);
    return block;
  }

  #giveSpans(block: Block): void {
    const { arena } = block;
    const first = block.offset / SPAN_SIZE;
    arena.owners.fill(undefined, first, first + block.size / SPAN_SIZE);
    arena.spans.give(first, orderOf(block.size / SPAN_SIZE));
  }

  #giveToSlab(block: Block, slab: Slab): void {
    slab.free.push(block);
    if (slab.free.length === 1) slab.partial.push(slab);
  }

  #giveSlab({ arena, span, partial }: Slab): void {
    partial.splice(
      partial.findIndex((slab) => slab.arena === arena && slab.span === span),
      1,
    );
    arena.owners[span] = undefined;
    arena.spans.give(span, 0);
  }

  #spans(order: number): { arena: Arena; first: number } {
    const found = this.#freeSpans(order);
    if (found !== undefined) return found;
    // Each size keeps its slabs for the next blocks. Here they stand in the way.
    for (const { partial } of this.#classes) {
      for (const slab of partial.filter(({ unused }) => unused)) this.#giveSlab(slab);
    }
    const reclaimed = this.#freeSpans(order);
    if (reclaimed !== undefined) return reclaimed;
    if (2 ** order > this.#room()) throw this.#exhausted(order);
    const arena = this.#grow(order);
    return { arena, first: arena.spans.take(order) as number };
  }

  #freeSpans(order: number): { arena: Arena; first: number } | undefined {
    for (const arena of this.#arenas) {
      const first = arena.spans.take(order);
      if (first !== undefined) return { arena, first };
    }
    return undefined;
  }

  /**
   * Whether it is the turn of those who wait. A method, as the use of a private getter is a call into the engine's runtime,
   * and this is asked at each take and each give.
   */
  #othersFirst(): boolean {
    return this.#waiters.size > 0 && !this.#serving;
  }

  /** Spans that the pool may still grow by. */
  #room(): number {
    return Math.floor((this.#options.limit - this.#capacity) / SPAN_SIZE);
  }

  #exhausted(order: number): PoolExhaustedError {
    const { limit } = this.#options;
    const spanCount = 2 ** order;
    const bytes = spanCount * SPAN_SIZE;
    if (spanCount > this.#room() && !this.#arenas.some(({ owners }) => owners.length >= spanCount)) {
      return new PoolExhaustedError(
        `The driver's memory pool can never lend ${bytes} bytes in one piece: it holds ${this.#capacity} in pieces, and ` +
          `its limit is ${limit}. Ask for less at a time, or raise the option "poolLimit".`,
        true,
      );
    }
    const waiting = this.#waiters.size > 0 ? ` ${this.#waiters.size} requests wait for memory already.` : '';
    return new PoolExhaustedError(
      `The driver's memory pool has no ${bytes} bytes left in one piece: it holds ${this.#capacity}, and its limit is ` +
        `${limit}.${waiting} Keep fewer operations in flight, release memory, wait for it (allocateAsync, or the option ` +
        '"poolExhausted"), or raise the option "poolLimit".',
      false,
    );
  }

  #serveSoon(): void {
    if (this.#servingSoon) return;
    this.#servingSoon = true;
    queueMicrotask(this.#serve);
  }

  readonly #serve = (): void => {
    this.#servingSoon = false;
    this.#serving = true;
    try {
      for (const waiter of this.#waiters) {
        waiter.serve();
        this.#waiters.delete(waiter);
      }
    } catch (error) {
      if (!(error instanceof PoolExhaustedError)) throw error;
    } finally {
      this.#serving = false;
    }
  };

  #grow(order: number): Arena {
    const { makeArena, firstSpans } = this.#options;
    const usual = Math.min(firstSpans * 2 ** this.#arenas.length, LARGEST_USUAL_ARENA_SPANS);
    const spanCount = Math.max(2 ** order, Math.min(usual, 2 ** Math.floor(Math.log2(this.#room()))));
    const arena = makeArena(spanCount);
    if (typeof arena === 'number') throw systemError(arena, 'mmap');
    this.#arenas.push(arena);
    this.#capacity += spanCount * SPAN_SIZE;
    return arena;
  }
}

/** The fewest spans that blocks for requests of such sizes take: each size of a slab's blocks has spans of its own. */
function spansFor(sizes: readonly number[]): number {
  let spans = 0;
  const blocks = new Map<number, number>();
  for (const size of sizes) {
    const slab = CLASSES.find((each) => size <= each);
    if (slab === undefined) spans += 2 ** orderOf(Math.ceil(size / SPAN_SIZE));
    else blocks.set(slab, (blocks.get(slab) ?? 0) + 1);
  }
  for (const [slab, count] of blocks) spans += Math.ceil((count * slab) / SPAN_SIZE);
  return spans;
}

function orderOf(spanCount: number): number {
  return Math.ceil(Math.log2(spanCount));
}
