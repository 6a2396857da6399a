import type { Entry } from '../io-uring/entry.js';
import type { RawFd } from '../values/raw-fd.js';
import type { PollFdReady } from './fd-ready.js';
import type { Multishot, MultishotOptions } from './io-uring/multishot.js';
import type { RemoteInbox, RemoteListener } from './io-uring/remote.js';
import type { IoUringResources } from './io-uring/resources.js';
import type { SubmitLinkedOptions, SubmitOptions } from './io-uring/submit.js';
import type { AllocateAsyncOptions, AllocateOptions, DriverMemory } from './memory.js';
import type { Referenced } from './reference.js';
import type { PollSocketReady } from './socket-ready.js';
import type { PollTimer } from './timer.js';
import type { PollWait } from './wait.js';

/** What a driver can do beyond what every driver must. */
export interface DriverCapabilities {
  /** Raw io_uring submission. False: `ioUringProbe` is false and `ioUringSubmit` rejects with ERR_POLYRING_UNSUPPORTED. */
  readonly ioUring: boolean;
}

/** A driver's end and its hold on the process. */
export interface DriverLifecycle extends Referenced {
  /** The backend's name, such as `uring`. */
  readonly name: string;
  /** What this driver can do beyond what every driver must. */
  readonly supports: DriverCapabilities;
  /** Whether {@link close} was called. */
  readonly closed: boolean;
  /**
   * Refuses new work with ERR_POLYRING_CLOSED, cancels what is in flight, settles every
   * promise once, then gives everything back. Every call gives the same end.
   *
   * @throws (rejects) ERR_POLYRING_CLOSE_TIMEOUT if the kernel neither finishes nor cancels an operation within the
   * option `closeTimeout`. It rejects with the same error, and its memory is kept for as long as the kernel has it
   */
  close(): Promise<void>;
}

/**
 * A source of polled I/O. It belongs to the thread that made it.
 *
 * Its objects are polled, and call wakers only from the driver's drain. The classes
 * `PolledTimer`, `PolledFd` and `PolledWait` put promises on top.
 */
export interface Driver extends DriverLifecycle, AsyncDisposable {
  /** Makes a timer. See `TimerDriver.newTimer`. */
  newDynTimer(): PollTimer;

  /** Watches a descriptor. See `FdReadyDriver.newFdReady` for the errors. */
  newDynFdReady(fd: RawFd): PollFdReady;

  /** Watches a socket. See `SocketReadyDriver.newSocketReady` for the errors. */
  newDynSocketReady(socket: RawFd): PollSocketReady;

  /** Makes a consuming wait. See `WaitDriver.newWait` for the errors. */
  newDynWait(fd: RawFd, readSize: number): PollWait;

  /** Whether {@link ioUringSubmit} accepts an opcode. False, never a throw, where there is no ring. */
  ioUringProbe(opcode: number): boolean;

  /**
   * Submits one operation to io_uring.
   *
   * Buffers stay valid until the terminal completion, whatever the caller does: memory of
   * {@link allocate} is used in place, any other buffer is copied through the driver's own memory.
   *
   * @returns the completion's result, never negative. Always a promise, never a synchronous throw
   * @throws (rejects) the operation's system error with `code`, `errno` and `syscall`, ECANCELED too for what a kernel worker
   * waited for while the process was stopped and went on;
   * ERR_POLYRING_UNSUPPORTED without a ring, for an unknown opcode, and for what would harm others or never settle;
   * ERR_POLYRING_ENTRY_IN_FLIGHT for an entry submitted already; ERR_POLYRING_DETACHED for a buffer that had gone before,
   * ERR_POLYRING_BUFFER_GONE for one that went meanwhile, ERR_POLYRING_RELEASED for memory given back;
   * ERR_POLYRING_POOL_EXHAUSTED; an AbortError if `signal` cancelled it, ERR_POLYRING_TIMEOUT if `timeout` did;
   * ERR_POLYRING_CLOSED, ERR_POLYRING_CLOSE_TIMEOUT, ERR_POLYRING_RING_FAILED; ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE,
   * ERR_OUT_OF_RANGE
   *
   * @example Sound: the descriptor stays open until the promise settled.
   * ```ts
   * const n = await driver.ioUringSubmit(read(fd, buffer, 0));
   * closeSync(fd);
   * ```
   * @example Unsound: the number may name another file before the kernel looks at it.
   * ```ts
   * const reading = driver.ioUringSubmit(read(fd, buffer, 0));
   * closeSync(fd);
   * ```
   */
  ioUringSubmit(entry: Entry, options?: SubmitOptions): Promise<number>;

  /**
   * Submits operations that have nothing to do with each other, with one promise for all.
   *
   * @param options for each of them: `timeout` limits each on its own
   * @returns what became of each, as {@link ioUringSubmit} says it, in the order of the entries, when all are over. An entry that
   * fails, or that is refused, is a result like any other, and keeps none of the others back
   * @throws (rejects) ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE, ERR_OUT_OF_RANGE, AbortError for what is wrong with the
   * call itself; ERR_POLYRING_UNSUPPORTED without a ring; ERR_POLYRING_CLOSED, ERR_POLYRING_RING_FAILED
   */
  submitMany(entries: readonly Entry[], options?: SubmitOptions): Promise<PromiseSettledResult<number>[]>;

  /**
   * Submits operations of which each starts when the one before it has succeeded (IOSQE_IO_LINK).
   *
   * They reach the kernel together, whatever else is queued. After a failure the rest reject with ECANCELED, and so
   * they do after a read or write that moved fewer bytes than it was given, and after a send or receive that did where it has
   * MSG_WAITALL. A `linkTimeout` entry may stand behind any of them.
   *
   * @returns what became of each, in the order of the entries, when all are over; ECANCELED, and not ERR_POLYRING_CLOSED, for
   * what is cancelled as the driver is closed, like the rest behind it
   * @throws (rejects) what {@link ioUringSubmit} rejects with for an entry that is refused: nothing is submitted then;
   * ERR_OUT_OF_RANGE for more entries than the submission queue holds (the driver's option `entries`)
   */
  submitLinked(entries: readonly Entry[], options?: SubmitLinkedOptions): Promise<PromiseSettledResult<number>[]>;

  /**
   * Starts an operation that completes again and again, such as `acceptMultishot`, and iterates over its completions.
   *
   * The kernel's failures reject `next()`. So do the driver's end and an abort.
   *
   * @param entry a multishot, one that selects a buffer, or an accept or a poll, which is started again
   * @throws ERR_POLYRING_UNSUPPORTED without a ring, where the kernel lacks the operation, for what completes once, and for
   * messages into an incremental buffer ring; ERR_POLYRING_CLOSED; ERR_POLYRING_RING_FAILED; ERR_POLYRING_ENTRY_IN_FLIGHT;
   * ERR_POLYRING_IN_USE for an incremental buffer ring that has an operation; ERR_POLYRING_DETACHED, ERR_POLYRING_RELEASED,
   * ERR_POLYRING_POOL_EXHAUSTED for the entry's memory; ERR_INVALID_ARG_TYPE; ERR_OUT_OF_RANGE; AbortError for a signal
   * aborted before
   */
  multishot(entry: Entry, options?: MultishotOptions): Multishot;

  /**
   * Opens an inbox by which other threads wake this one: faster than a `MessagePort`, and without values but integers.
   *
   * The inbox is its own handle. Send it to the other thread, whose driver reaches it by `ioUring.remote(handle)`.
   *
   * @throws ERR_POLYRING_UNSUPPORTED without a ring, and before Linux 6.3; ERR_POLYRING_CLOSED; ERR_INVALID_ARG_TYPE
   */
  remoteHandle(listener: RemoteListener): RemoteInbox;

  /**
   * What else the ring offers.
   *
   * @throws ERR_POLYRING_UNSUPPORTED without a ring; ERR_POLYRING_CLOSED where such a driver was closed
   */
  readonly ioUring: IoUringResources;

  /**
   * Lends memory that operations use without a copy.
   *
   * @param byteLength bytes, at least 1; filled with zeros
   * @throws ERR_OUT_OF_RANGE; ERR_POLYRING_POOL_EXHAUSTED where the pool has no room and may not grow;
   * ERR_POLYRING_UNSUPPORTED for an alignment that cannot be had; ERR_POLYRING_CLOSED; ERR_INVALID_ARG_TYPE
   */
  allocate(byteLength: number, options?: AllocateOptions): DriverMemory;

  /**
   * As {@link allocate}, but waits while the pool has no room. Who waits is served in order, before anybody who does
   * not wait. Waiting alone does not keep the process alive.
   *
   * @throws (rejects) as {@link allocate}, with ERR_POLYRING_POOL_EXHAUSTED only where the pool can never have the room;
   * AbortError; ERR_POLYRING_CLOSED if the driver is closed meanwhile
   */
  allocateAsync(byteLength: number, options?: AllocateAsyncOptions): Promise<DriverMemory>;
}
