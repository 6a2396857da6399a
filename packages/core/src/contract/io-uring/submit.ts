import type { Entry } from '../../io-uring/entry.js';
import type { AllocateAsyncOptions, AllocateOptions, DriverMemory, PoolExhausted } from '../memory.js';
import type { Multishot, MultishotOptions } from './multishot.js';
import type { RemoteInbox, RemoteListener } from './remote.js';
import type { IoUringResources } from './resources.js';

/** How a submission is to be treated. */
export interface SubmitOptions {
  /**
   * Cancels the operation. The promise settles at the terminal completion only: with the
   * result if the operation won the race, with an AbortError if it was cancelled.
   */
  readonly signal?: AbortSignal | undefined;
  /**
   * Milliseconds, at least 0, after which the operation is cancelled, counted from when it is queued. The promise
   * settles at the terminal completion only, with ERR_POLYRING_TIMEOUT if the operation was cancelled and with its
   * result if it won. No limit by default.
   */
  readonly timeout?: number | undefined;
  /**
   * What to do when the driver's memory pool has no room for a copy of the entry's buffers; the driver's option of
   * the same name says what is usual. While it waits, nothing of the operation has begun: the bytes of a write are
   * copied when there is room, and its signal ends it, not `asyncCancel`.
   */
  readonly poolExhausted?: PoolExhausted | undefined;
}

/** How entries that depend on each other are to be treated. */
export interface SubmitLinkedOptions extends SubmitOptions {
  /** Goes on after an operation that failed (IOSQE_IO_HARDLINK). False by default: the rest are cancelled then. */
  readonly hard?: boolean | undefined;
  /** Milliseconds, at least 0, after which what has not completed of all the operations is cancelled. No limit by default. */
  readonly timeout?: number | undefined;
}

/** Raw submission of io_uring operations. */
export interface IoUringSubmit {
  /** Whether the kernel supports an opcode. Never throws. */
  probe(opcode: number): boolean;

  /** See {@link "contract/driver".Driver.ioUringSubmit}. Always a promise, never a synchronous throw. */
  submit(entry: Entry, options?: SubmitOptions): Promise<number>;

  /** See {@link "contract/driver".Driver.submitMany}. Always a promise, never a synchronous throw. */
  submitMany(entries: readonly Entry[], options?: SubmitOptions): Promise<PromiseSettledResult<number>[]>;

  /** See {@link "contract/driver".Driver.submitLinked}. Always a promise, never a synchronous throw. */
  submitLinked(entries: readonly Entry[], options?: SubmitLinkedOptions): Promise<PromiseSettledResult<number>[]>;

  /** See {@link "contract/driver".Driver.multishot}. */
  multishot(entry: Entry, options?: MultishotOptions): Multishot;

  /** See {@link "contract/driver".Driver.remoteHandle}. */
  remoteHandle(listener: RemoteListener): RemoteInbox;

  /** See {@link "contract/driver".Driver.ioUring}. */
  readonly ioUring: IoUringResources;

  /** See {@link "contract/driver".Driver.allocate}. */
  allocate(byteLength: number, options?: AllocateOptions): DriverMemory;

  /** See {@link "contract/driver".Driver.allocateAsync}. Always a promise, never a synchronous throw. */
  allocateAsync(byteLength: number, options?: AllocateAsyncOptions): Promise<DriverMemory>;
}

/** The part of a driver that submits to io_uring. There is no default, so that a wrapper cannot drop it by silence. */
export interface IoUringDriver {
  /** The submitter, or a `NoIoUring`. */
  ioUringSubmitter(): IoUringSubmit;
}
