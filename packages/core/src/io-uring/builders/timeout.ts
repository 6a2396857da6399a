import { checkObject } from '../../errors/argument-error.js';
import { type Instant, toTimespec } from '../../values/instant.js';
import { millisecondsOf } from '../../values/milliseconds.js';
import { readStruct } from '../attachment.js';
import { Entry, MemoryAccess, makeEntry, makeRareEntry } from '../entry.js';
import { IORING_TIMEOUT_ABS, IORING_TIMEOUT_UPDATE } from '../flags/timeout.js';
import { IORING_OP_LINK_TIMEOUT, IORING_OP_TIMEOUT, IORING_OP_TIMEOUT_REMOVE } from '../opcodes.js';
import { requireCount, requireEntry } from './check.js';

const { KernelReads } = MemoryAccess;

/**
 * When a timeout expires: after a number of milliseconds, or at an instant. The kernel takes an instant for one of the
 * machine's clock. In a time namespace of another clock (time_namespaces(7)) give milliseconds.
 */
export type TimeoutTime = number | { readonly at: Instant };

/** What else completes a timeout. */
export interface TimeoutOptions {
  /**
   * The number of completions of the ring after which it completes without having expired. 0, the default, is none.
   * The driver's own completions count, so that this suits a ring of one's own only.
   */
  readonly count?: number | undefined;
}

/** A `struct __kernel_timespec`. */
export function timespecOf(milliseconds: number): BigInt64Array<ArrayBuffer> {
  const { seconds, nanoseconds } = toTimespec(milliseconds);
  return BigInt64Array.of(BigInt(seconds), BigInt(nanoseconds));
}

/** A time, and the flags that say which kind. */
function timeOf(time: TimeoutTime): { timespec: BigInt64Array<ArrayBuffer>; flags: number } {
  const absolute = typeof time === 'object' && time !== null;
  const milliseconds = absolute ? millisecondsOf(time.at, 'time.at') : millisecondsOf(time, 'time');
  return { timespec: timespecOf(milliseconds), flags: absolute ? IORING_TIMEOUT_ABS : 0 };
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
  checkObject(options);
  const { count = 0 } = options;
  requireCount(count, 'options.count');
  const { timespec, flags } = timeOf(time);
  return makeEntry(IORING_OP_TIMEOUT, 0, -1, count, 1, flags, timespec, KernelReads);
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
  return makeRareEntry({ opcode: IORING_OP_TIMEOUT_REMOVE, target });
}

/**
 * Ends the operation that it is linked behind when a time has passed: that one rejects with ECANCELED then, and this
 * one with ETIME. For `driver.submitLinked`. Linux 6.18 does not start the time of some of the operations that its
 * workers do, such as a splice or an open with `async`; the option `timeout` of a submission limits those too.
 *
 * Rejects with ECANCELED if the operation came first, and with EINVAL if it is linked behind none.
 * Linux 5.5; io_uring_enter(2), IORING_OP_LINK_TIMEOUT.
 *
 * @param time milliseconds from when the operation started, at least 0; or `{ at }`, an instant
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
 */
export function linkTimeout(time: TimeoutTime): Entry {
  const { timespec, flags } = timeOf(time);
  return makeEntry(IORING_OP_LINK_TIMEOUT, 0, -1, 0, 1, flags, timespec, KernelReads);
}

/**
 * Changes when a {@link timeout} in flight expires.
 *
 * Resolves to 0 if it was found. Rejects as {@link timeoutRemove}.
 * Linux 5.11; io_uring_enter(2), IORING_OP_TIMEOUT_REMOVE.
 *
 * @param target the entry that was submitted to the same driver
 * @param time as for {@link timeout}
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
 */
export function timeoutUpdate(target: Entry, time: TimeoutTime): Entry {
  requireEntry(target);
  const { timespec, flags } = timeOf(time);
  return Entry.unsafe({
    opcode: IORING_OP_TIMEOUT_REMOVE,
    opFlags: flags | IORING_TIMEOUT_UPDATE,
    target,
    attached: { off: readStruct(new Uint8Array(timespec.buffer)) },
  });
}
