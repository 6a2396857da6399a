import type { Driver, SubmitOptions } from '@polyring/core';
import type { Change } from '../seams/change.js';
import { inDrivers } from '../seams/parts.js';
import type { Mutant } from './mutant.js';

/** A fault of submissions: they are made with other options. */
function submitting(change: (options: SubmitOptions) => SubmitOptions): Change {
  return inDrivers((driver) => ({
    ioUringSubmit: (entry, options = {}) => driver.ioUringSubmit(entry, change(options)),
    submitMany: (entries, options = {}) => driver.submitMany(entries, change(options)),
    submitLinked: (entries, options = {}) => driver.submitLinked(entries, { ...options, ...change(options) }),
  }));
}

/** A fault of lending: memory is asked for with other arguments. */
function lending(
  change: (...args: Parameters<Driver['allocateAsync']>) => Parameters<Driver['allocateAsync']>,
): Change {
  return inDrivers((driver) => ({
    allocate: (...args) => driver.allocate(...change(...args)),
    allocateAsync: (...args) => driver.allocateAsync(...change(...args)),
  }));
}

/** Drivers that make something of what means nothing. */
export const ringArgumentMutants: readonly Mutant[] = [
  {
    name: 'ring-any-signal',
    fault: 'What is no signal is left out of the options of a submission.',
    base: 'uring',
    convictedBy: ['ring.arguments'],
    break: submitting(({ signal, ...options }) => (signal instanceof AbortSignal ? { ...options, signal } : options)),
  },
  {
    name: 'ring-coerces-timeout',
    fault: 'A time limit that is none is turned into one.',
    base: 'uring',
    convictedBy: ['ring.arguments'],
    break: submitting(({ timeout, ...options }) =>
      timeout === undefined ? options : { ...options, timeout: Math.max(Number(timeout) || 0, 0) },
    ),
  },
  {
    name: 'ring-nan-timeout',
    fault: 'A time limit that is NaN is taken for none.',
    base: 'uring',
    convictedBy: ['ring.arguments'],
    break: submitting(({ timeout, ...options }) => ({
      ...options,
      timeout: Number.isNaN(timeout) ? undefined : timeout,
    })),
  },
  {
    name: 'ring-any-choice',
    fault: 'Whatever is to become of a submission without memory, but that it waits, is taken for a refusal.',
    base: 'uring',
    convictedBy: ['ring.arguments'],
    break: submitting(({ poolExhausted, ...options }) =>
      poolExhausted === 'wait' ? { ...options, poolExhausted } : options,
    ),
  },
  {
    name: 'memory-coerces-length',
    fault: 'A length of memory that is no number is turned into one.',
    base: 'epoll',
    convictedBy: ['ring.memory-arguments'],
    break: lending((byteLength, options) => [Number(byteLength), options]),
  },
  {
    name: 'memory-any-alignment',
    fault: 'What can be no alignment is taken for the usual one.',
    base: 'epoll',
    convictedBy: ['ring.memory-arguments'],
    break: lending((byteLength, { align, ...options } = {}) => [
      byteLength,
      Number.isInteger(Math.log2(align ?? 0)) ? { ...options, align } : options,
    ]),
  },
];
