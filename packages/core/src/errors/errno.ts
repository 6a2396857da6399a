import { constants } from 'node:os';
import { KERNEL_ERRORS } from './kernel-errors.js';

type ErrnoName = Exclude<keyof typeof constants.errno, `WSA${string}`> | keyof typeof KERNEL_ERRORS;

/**
 * The error numbers of errno(3) by their names, negative, as completions and the calls of `@polyring/sys` whose names begin
 * with `try` give them, and as `errno` of an error is. A module that compares often takes what it needs once.
 *
 * @example
 * ```ts
 * const { EAGAIN } = Errno;
 * if (tryRead(fd, bytes) === EAGAIN) wait();
 * ```
 */
export const Errno = Object.freeze(
  Object.fromEntries([
    ...Object.entries(constants.errno).map(([name, number]) => [name, -number]),
    ...Object.entries(KERNEL_ERRORS).map(([name, [number]]) => [name, -number]),
  ]),
) as Readonly<Record<ErrnoName, number>>;
