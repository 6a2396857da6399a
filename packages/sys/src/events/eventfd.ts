import { checkInteger, flag, invalidArgType, outOfRange, type RawFd } from '@polyring/core';
import { native } from '../addon/binding.js';
import { succeeded } from '../addon/outcome.js';
import { close } from '../descriptors/close.js';
import { write } from '../files/read-write.js';

/** How an eventfd behaves. */
export interface EventfdOptions {
  /** A read takes 1 from the counter instead of all of it (EFD_SEMAPHORE). Default false. */
  readonly semaphore?: boolean | undefined;
  /** O_NONBLOCK. Default true. */
  readonly nonblock?: boolean | undefined;
}

/** The largest counter of an eventfd. */
const MAXIMUM = 0xffff_ffff_ffff_fffen;
/** The largest counter that eventfd(2) itself takes. */
const MAXIMUM_INITIAL = 0xffff_ffffn;

/**
 * Makes an eventfd, close-on-exec (eventfd(2)). Its counter is read and written as 8 bytes.
 *
 * @param initial the counter's first value, up to 2^64 - 2
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE; EMFILE, ENFILE, ENOMEM
 */
export function eventfd(initial: number | bigint = 0, options: EventfdOptions = {}): RawFd {
  const value = counter(initial);
  const first = value > MAXIMUM_INITIAL ? 0n : value;
  const fd = native.eventfd(Number(first), flag(options, 'semaphore', false), flag(options, 'nonblock', true));
  succeeded(fd, 'eventfd');
  if (first !== value) {
    try {
      write(fd, BigUint64Array.of(value));
    } catch (error) {
      close(fd);
      throw error;
    }
  }
  return fd;
}

function counter(initial: unknown): bigint {
  if (typeof initial === 'bigint') {
    if (initial < 0n || initial > MAXIMUM) throw outOfRange('initial', `>= 0 && <= ${MAXIMUM}`, initial);
    return initial;
  }
  if (typeof initial !== 'number') throw invalidArgType('initial', 'of type number or bigint', initial);
  checkInteger(initial, 'initial', 0, Number.MAX_SAFE_INTEGER);
  return BigInt(initial);
}
