import { checkInteger, checkObject, outOfRange } from '../errors/argument-error.js';

/** What memory of a driver is to be like. */
export interface AllocateOptions {
  /**
   * What its address is a multiple of: a power of two from 1 to 4096 bytes, 8 by default. O_DIRECT
   * asks for the block size of the device, mostly 512 or 4096.
   *
   * A driver without a ring lends memory of the JavaScript heap, and refuses more than 8 with
   * ERR_POLYRING_UNSUPPORTED.
   */
  readonly align?: number | undefined;
}

/** How to wait for memory of a driver. */
export interface AllocateAsyncOptions extends AllocateOptions {
  /** Ends the waiting; the promise rejects with an AbortError. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * What becomes of a request that the driver's memory pool has no room for at the moment: it is refused with
 * ERR_POLYRING_POOL_EXHAUSTED, or waits until something else was given back.
 */
export type PoolExhausted = 'reject' | 'wait';

/** How a driver's memory pool stands. In bytes, in the sizes of the pool's blocks, unless said otherwise. */
export interface PoolStatistics {
  /** The most that the pool may hold: the option `poolLimit`. */
  readonly limit: number;
  /** What it holds. It grows as needed, and shrinks when the driver is closed. */
  readonly capacity: number;
  /** What is lent by `allocate` and was not released. */
  readonly lent: number;
  /** What only operations in flight use: copies of other buffers, and released memory that they are still at work on. */
  readonly inFlight: number;
  /** How many requests wait for memory. */
  readonly waiting: number;
}

/**
 * Memory that belongs to a driver and is lent to its user.
 *
 * An io_uring driver lends memory that the kernel may read and write in place and that
 * no JavaScript can take away; see `docs/safety.md`. A driver without a ring lends ordinary memory.
 */
export interface DriverMemory extends Disposable {
  /** The bytes. Its `buffer` is shared with other loans of the driver: never use it beyond this view. */
  readonly bytes: Buffer;

  /**
   * Gives the memory back. The driver reuses it once no operation uses it any more.
   * Giving back twice is no error. Operations on {@link bytes} are rejected with ERR_POLYRING_RELEASED from then on, and so are
   * those on other views of the memory until it is lent again: they cannot be told from views of the next loan then.
   */
  release(): void;
}

/** The most bytes that a driver lends in one piece. */
export const LARGEST_LOAN = 2 ** 31;

/** The largest {@link AllocateOptions.align}: a page. */
const LARGEST_ALIGN = 4096;

/**
 * The alignment that options ask for, in bytes.
 *
 * @param usual where they leave it open
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
 */
export function alignOf(usual: number, options: AllocateOptions = {}): number {
  checkObject(options);
  const { align = usual } = options;
  checkInteger(align, 'options.align', 1, LARGEST_ALIGN);
  if (!Number.isInteger(Math.log2(align))) throw outOfRange('options.align', 'a power of two', align);
  return align;
}
