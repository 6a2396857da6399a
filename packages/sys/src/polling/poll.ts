import { types } from 'node:util';
import { invalidArgType, outOfRange, toTimespec } from '@polyring/core';
import { native } from '../addon/binding.js';
import { checkView } from '../arguments/view-range.js';

/** The 32-bit words of each entry of {@link poll}: the descriptor, the events asked for, the events reported. */
export const POLL_ENTRY_WORDS = 3;

/** Reported by {@link poll}, never asked for: the entry's descriptor is not open. */
export const POLLNVAL = 0x20;

/**
 * Waits until one of several descriptors is ready (ppoll(2)). With a timeout other than 0 it blocks the thread, and a
 * worker that is blocked here cannot be terminated: on a thread of Node give it a limit.
 *
 * @param entries {@link POLL_ENTRY_WORDS} words each. The events have the bits of `PollEvents`; an entry whose
 * descriptor is negative is passed over and reports nothing. The third word is written unless the call fails
 * @param timeoutMs milliseconds to wait, with a fraction, rounded up to nanoseconds; negative waits without a limit
 * @returns the count of entries that report something, 0 when the time is over, or the negative error number: EINTR
 * among them, and EINVAL for more entries than RLIMIT_NOFILE
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE, ERR_POLYRING_DETACHED
 */
export function poll(entries: Int32Array, timeoutMs = 0): number {
  if (!types.isInt32Array(entries)) throw invalidArgType('entries', 'an instance of Int32Array', entries);
  checkView(entries, 'entries');
  if (typeof timeoutMs !== 'number') throw invalidArgType('timeoutMs', 'of type number', timeoutMs);
  if (Number.isNaN(timeoutMs)) throw outOfRange('timeoutMs', 'a number of milliseconds', timeoutMs);
  if (timeoutMs < 0) return native.poll(entries, -1, 0);
  const { seconds, nanoseconds } = toTimespec(timeoutMs);
  return native.poll(entries, seconds, nanoseconds);
}
