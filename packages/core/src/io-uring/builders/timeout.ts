import { invalidArgType, outOfRange } from '../../errors/argument-error.js';
import { type Instant, toTimespec } from '../../values/instant.js';
import { type Entry, MemoryAccess, makeEntry } from '../entry.js';
import { IORING_TIMEOUT_ABS } from '../flags/timeout.js';
import { IORING_OP_TIMEOUT, IORING_OP_TIMEOUT_REMOVE } from '../opcodes.js';
import { requireCount, requireEntry, requireOptions } from './check.js';

const { KernelReads } = MemoryAccess;

/** When a timeout expires: after a number of milliseconds, or at an instant. */
export type TimeoutTime = number | { readonly at: Instant };

/** What else completes a timeout. */
export interface TimeoutOptions {
  /**
   * The number of completions of the ring after which it completes without having expired. 0, the default, is none.
   * The driver's own completions count, so that this suits a ring of one's own only.
   */
  readonly count?: number;
}

/** The milliseconds of a time; throws unless it is a number of at least 0. */
export function millisecondsOf(time: unknown, name: string): number {
  if (typeof time !== 'number') throw invalidArgType(name, 'of type number', time);
  if (!(time >= 0)) throw outOfRange(name, '>= 0', time);
  return time;
}

/** A `struct __kernel_timespec`. */
export function timespecOf(milliseconds: number): BigInt64Array {
  const { seconds, nanoseconds } = toTimespec(milliseconds);
  return BigInt64Array.of(BigInt(seconds), BigInt(nanoseconds));
}

/**
 * Completes when a time has passed on CLOCK_MONOTONIC, rounded up to nanoseconds.
 *
 * Rejects with ETIME once it expired, which is the kernel's result; resolves to 0 if `count` completions came
 * first; rejects with ECANCELED once removed or cancelled. `PolledTimer` is the timer that resolves.
 * Linux 5.4, with `at` 5.5; io_uring_enter(2), IORING_OP_TIMEOUT.
 *
 * @param time milliseconds from submission, at least 0; or `{ at }`, an instant
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
 */
export function timeout(time: TimeoutTime, options: TimeoutOptions = {}): Entry {
  requireOptions(options);
  const absolute = typeof time === 'object' && time !== null;
  const milliseconds = absolute ? millisecondsOf(time.at, 'time.at') : millisecondsOf(time, 'time');
  const { count = 0 } = options;
  requireCount(count, 'options.count');
  const flags = absolute ? IORING_TIMEOUT_ABS : 0;
  const timespec = timespecOf(milliseconds);
  return makeEntry(IORING_OP_TIMEOUT, 0, -1, count, 1, flags, timespec, undefined, KernelReads, undefined);
}

/**
 * Ends a {@link timeout} in flight, whose promise then rejects with ECANCELED.
 *
 * Resolves to 0 if it was found. Rejects with ENOENT if it was not, and with EALREADY (EBUSY on old kernels) if it
 * was expiring. Linux 5.5; io_uring_enter(2), IORING_OP_TIMEOUT_REMOVE.
 *
 * @param target the entry that was submitted to the same driver
 * @throws ERR_INVALID_ARG_TYPE
 */
export function timeoutRemove(target: Entry): Entry {
  requireEntry(target);
  return makeEntry(IORING_OP_TIMEOUT_REMOVE, 0, -1, 0, 0, 0, undefined, undefined, KernelReads, target);
}
