import type { Driver } from '../contract/driver.js';
import type { PoolExhausted } from '../contract/memory.js';

/** Why a backend cannot run here, in a form for programs and for people. */
export interface Unavailable {
  readonly available: false;
  /**
   * True where the machine has the capability and has run out of something (ENOMEM, EMFILE, ENFILE):
   * choosing another backend would hide the trouble, so selection throws.
   */
  readonly exhausted: boolean;
  /** The reason's code, such as `uring-disabled-by-sysctl`. */
  readonly code: string;
  /** One sentence: what stands in the way. */
  readonly reason: string;
  /** One sentence: what to do about it. */
  readonly remedy: string;
  /** The error that told. */
  readonly cause?: unknown;
}

/** Whether a backend can run here. */
export type Availability = { readonly available: true } | Unavailable;

/** Options that every backend takes; a backend may take more. */
export interface DriverOptions {
  /**
   * Entries of the submission queue, for a backend that has one: from 1 to 32768. The kernel rounds up to a power of two.
   * Default of uring: 1024.
   */
  readonly entries?: number | undefined;
  /**
   * Entries of the completion queue, for a backend that has one: no fewer than `entries`, to 65536. Rounded up likewise.
   * Default of uring: twice `entries`.
   */
  readonly completionEntries?: number | undefined;
  /** The most bytes that the driver's memory pool may hold, for a backend that has one. Default of uring: 1 GiB. */
  readonly poolLimit?: number | undefined;
  /** What becomes of a submission that the memory pool has no room for: `reject` (the default) or `wait`. */
  readonly poolExhausted?: PoolExhausted | undefined;
  /**
   * Milliseconds that the kernel may take to end what is in flight when the driver is closed; 30,000 by default,
   * Infinity for no limit. After that `close` rejects with ERR_POLYRING_CLOSE_TIMEOUT.
   */
  readonly closeTimeout?: number | undefined;
  /**
   * Microseconds for which the thread looks for events before it sleeps, while a wait on the driver keeps the process
   * alive: from 0 (the default) to 10,000. It makes short waits shorter, at the price of processor time before longer ones.
   */
  readonly busyPoll?: number | undefined;
}

/** What a backend offers to selection: a name, a rank, whether it can run, and how to make its driver. */
export interface BackendFactory {
  /** The name that configuration uses, such as `uring`. */
  readonly name: string;
  /** Higher is tried first by `auto`. Polyring's own: uring 200, epoll 100. */
  readonly priority: number;
  /** The opcodes without which the backend's driver is of no use here. Always probed. */
  readonly minimumOpcodes: readonly number[];
  /** Whether the backend can run here. Cheap, without side effects, never a throw nor a promise. */
  availability(): Availability;
  /**
   * Makes a driver of the calling thread. Options that it does not know it ignores.
   *
   * @throws the system error that prevents it. Selection passes the backend over for ENOSYS, EPERM, EACCES, EINVAL,
   * ERR_POLYRING_UNSUPPORTED, ERR_POLYRING_ADDON and what says that an addon cannot be loaded, and ends for ENOMEM,
   * EMFILE and ENFILE; any other error it hands on
   */
  create(options?: DriverOptions): Driver;
}
