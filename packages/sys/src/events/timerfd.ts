import {
  checkFd,
  checkObject,
  flag,
  type Instant,
  invalidArgType,
  outOfRange,
  type RawFd,
  type Timespec,
  toTimespec,
} from '@polyring/core';
import { native } from '../addon/binding.js';
import { succeeded } from '../addon/outcome.js';

/** When a timerfd expires. */
export interface TimerfdSetting {
  /** The first expiry, on the clock of `now()`; one in the past expires at once. 0 disarms the timer. */
  readonly at: Instant | 0;
  /** Milliseconds from one expiry to the next. Default 0: it expires once. */
  readonly interval?: number | undefined;
}

const SOONEST: Timespec = { seconds: 0, nanoseconds: 1 };

/**
 * Makes a timerfd on CLOCK_MONOTONIC, close-on-exec and disarmed (timerfd_create(2)).
 * A read gives the count of expiries as 8 bytes.
 *
 * @param options `nonblock`: O_NONBLOCK, default true; `owned`: it is `own` of its environment as soon as it is there, so
 * that a worker that is terminated in that moment leaves none, default false
 * @throws ERR_INVALID_ARG_TYPE; EMFILE, ENFILE, ENOMEM
 */
export function timerfd(
  options: { readonly nonblock?: boolean | undefined; readonly owned?: boolean | undefined } = {},
): RawFd {
  return succeeded(native.timerfd(flag(options, 'nonblock', true), flag(options, 'owned', false)), 'timerfd_create');
}

/**
 * Arms or disarms a timerfd (timerfd_settime(2), TFD_TIMER_ABSTIME). Times are rounded up to
 * nanoseconds, so that it never expires early.
 *
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE; EBADF; EINVAL if `fd` is not a timerfd
 */
export function timerfdSettime(fd: RawFd, setting: TimerfdSetting): void {
  checkFd(fd);
  checkObject(setting, 'setting');
  const { interval = 0 } = setting;
  const at = checkMilliseconds(setting.at, 'at');
  checkMilliseconds(interval, 'interval');
  if (interval < 0) throw outOfRange('interval', '>= 0', interval);
  const value = at < 0 ? SOONEST : toTimespec(at);
  const next = toTimespec(interval);
  succeeded(
    native.timerfdSettime(fd, value.seconds, value.nanoseconds, next.seconds, next.nanoseconds),
    'timerfd_settime',
    { fd },
  );
}

function checkMilliseconds(value: unknown, name: string): number {
  if (typeof value !== 'number') throw invalidArgType(name, 'of type number', value);
  if (Number.isNaN(value)) throw outOfRange(name, 'a number of milliseconds', value);
  return value;
}
