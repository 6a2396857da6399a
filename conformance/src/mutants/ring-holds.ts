import type { Driver, Multishot } from '@polyring/core';
import { inIterations } from '../seams/completions.js';
import { overlay } from '../seams/overlay.js';
import { inDrivers } from '../seams/parts.js';
import { inSubmissions } from '../seams/ring.js';
import type { Mutant } from './mutant.js';

/** Keeps the process alive for ever. */
function hold(): void {
  setInterval(() => {}, 3_600_000);
}

/** Has a driver unreferenced until something is over. */
function weakly<T>(driver: Driver, submission: Promise<T>): Promise<T> {
  driver.unref();
  const end = (): void => void driver.ref();
  submission.then(end, end);
  return submission;
}

/** Drivers that keep the process alive for operations that are over, or let it end before those that are not. */
export const ringHoldMutants: readonly Mutant[] = [
  {
    name: 'hold-not-for-several',
    fault: 'Operations that are submitted together do not keep the process alive.',
    base: 'uring',
    convictedBy: ['lifecycle.ref-keeps-alive'],
    break: inDrivers((driver) => ({
      submitMany: (entries, options) => weakly(driver, driver.submitMany(entries, options)),
    })),
  },
  {
    name: 'hold-not-for-linked',
    fault: 'Linked operations do not keep the process alive.',
    base: 'uring',
    convictedBy: ['lifecycle.ref-keeps-alive'],
    break: inDrivers((driver) => ({
      submitLinked: (entries, options) => weakly(driver, driver.submitLinked(entries, options)),
    })),
  },
  {
    name: 'hold-not-for-iterations',
    fault: 'An iteration whose next completion is waited for does not keep the process alive.',
    base: 'uring',
    convictedBy: ['lifecycle.ref-keeps-alive'],
    break: inDrivers((driver) => ({
      multishot: (entry, options) => {
        const iteration = driver.multishot(entry, options);
        return overlay(iteration, { next: () => weakly(driver, iteration.next()) });
      },
    })),
  },
  {
    name: 'hold-past-abort',
    fault: 'An operation that a signal ended keeps the process alive.',
    base: 'uring',
    convictedBy: ['lifecycle.idle-lets-end'],
    break: inSubmissions((submit, entry, options) => {
      const submission = submit(entry, options);
      submission.catch(() => {
        if (options?.signal?.aborted) hold();
      });
      return submission;
    }),
  },
  {
    name: 'hold-past-time-limit',
    fault: 'The time limit of an operation that completed before it keeps the process alive.',
    base: 'uring',
    convictedBy: ['lifecycle.idle-lets-end'],
    break: inSubmissions((submit, entry, options) => {
      if (options?.timeout !== undefined) setTimeout(() => {}, options.timeout);
      return submit(entry, options);
    }),
  },
  {
    name: 'hold-past-several',
    fault: 'Operations that were submitted together keep the process alive when they are over.',
    base: 'uring',
    convictedBy: ['lifecycle.idle-lets-end'],
    break: inDrivers((driver) => ({
      submitMany: (entries, options) => driver.submitMany(entries, options).finally(hold),
      submitLinked: (entries, options) => driver.submitLinked(entries, options).finally(hold),
    })),
  },
  {
    name: 'hold-past-iteration',
    fault: 'An iteration that was left keeps the process alive.',
    base: 'uring',
    convictedBy: ['lifecycle.idle-lets-end'],
    break: inIterations((iteration): Partial<Multishot> => ({ return: () => iteration.return().finally(hold) })),
  },
  {
    name: 'hold-again-past-abort',
    fault: 'A driver that is referenced again keeps the process alive for what a signal ended meanwhile.',
    base: 'uring',
    convictedBy: ['lifecycle.idle-lets-end'],
    break: inDrivers((driver) => {
      let left = false;
      const ref = (): Driver => {
        if (left) hold();
        return driver.ref();
      };
      return {
        ref: ref as Driver['ref'],
        ioUringSubmit: (entry, options) => {
          const submission = driver.ioUringSubmit(entry, options);
          submission.catch(() => {
            if (options?.signal?.aborted && !driver.hasRef()) left = true;
          });
          return submission;
        },
      };
    }),
  },
];
