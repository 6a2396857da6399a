import { asyncCancel, type Driver, type Entry } from '@polyring/core';
import { inIterations } from '../seams/completions.js';
import { inDrivers } from '../seams/parts.js';
import { inSubmissions } from '../seams/ring.js';
import type { Mutant } from './mutant.js';

/** Cancels what an entry does now, whatever that is. */
function cancel(driver: Driver, entry: Entry): void {
  if (entry.owner !== undefined) driver.ioUringSubmit(asyncCancel(entry)).catch(() => {});
}

/** Signals that cancel entries for ever, by one listener each, which is as much as a driver may leave on a signal. */
class FollowedSignals {
  readonly #driver: Driver;
  readonly #signals = new WeakSet<AbortSignal>();

  constructor(driver: Driver) {
    this.#driver = driver;
  }

  add(signal: AbortSignal | undefined, entries: readonly Entry[]): void {
    if (signal === undefined || this.#signals.has(signal)) return;
    this.#signals.add(signal);
    signal.addEventListener('abort', () => {
      for (const entry of entries) cancel(this.#driver, entry);
    });
  }
}

/** Keeps an entry from being submitted again. */
function keepInFlight(entry: Entry): void {
  entry.owner ??= {};
}

/** Drivers in which something of an operation outlives it: its limit, its signal, its entry. */
export const outlivedMutants: readonly Mutant[] = [
  {
    name: 'outlived-by-limit',
    fault: 'The time limit of an operation that is over cancels the next one of the same entry.',
    base: 'uring',
    convictedBy: ['chains.timeout'],
    break: inDrivers((driver) => ({
      ioUringSubmit: (entry, options) => {
        const submission = driver.ioUringSubmit(entry, options);
        const limit = options?.timeout;
        if (limit !== undefined)
          submission.then(() => setTimeout(() => cancel(driver, entry), limit).unref()).catch(() => {});
        return submission;
      },
    })),
  },
  {
    name: 'outlived-by-signal',
    fault: 'The signal of an operation that is over cancels the next one of the same entry.',
    base: 'uring',
    convictedBy: ['ring.late-abort'],
    break: inDrivers((driver) => {
      const followed = new FollowedSignals(driver);
      return {
        ioUringSubmit: (entry, options) => {
          followed.add(options?.signal, [entry]);
          return driver.ioUringSubmit(entry, options);
        },
      };
    }),
  },
  {
    name: 'outlived-by-signal-of-several',
    fault: 'The signal of several operations that are over cancels the next one of each entry.',
    base: 'uring',
    convictedBy: ['ring.late-abort'],
    break: inDrivers((driver) => {
      const followed = new FollowedSignals(driver);
      return {
        submitMany: (entries, options) => {
          followed.add(options?.signal, entries);
          return driver.submitMany(entries, options);
        },
      };
    }),
  },
  {
    name: 'outlived-by-signal-of-iteration',
    fault: 'The signal of an iteration that is over cancels the next one of the same entry.',
    base: 'uring',
    convictedBy: ['multishot.abort'],
    break: inDrivers((driver) => {
      const followed = new FollowedSignals(driver);
      return {
        multishot: (entry, options) => {
          const iteration = driver.multishot(entry, options);
          followed.add(options?.signal, [entry]);
          return iteration;
        },
      };
    }),
  },
  {
    name: 'outlived-by-listeners',
    fault: 'Each operation leaves a listener on its signal.',
    base: 'uring',
    convictedBy: ['ring.late-abort'],
    break: inSubmissions((submit, entry, options) => {
      const submission = submit(entry, options);
      options?.signal?.addEventListener('abort', () => {});
      return submission;
    }),
  },
  {
    name: 'outlived-by-listeners-of-iterations',
    fault: 'Each iteration leaves a listener on its signal.',
    base: 'uring',
    convictedBy: ['multishot.abort'],
    break: inIterations((_iteration, signal) => {
      signal?.addEventListener('abort', () => {});
      return {};
    }),
  },
  {
    name: 'outlived-by-entries',
    fault: 'The entries of operations that are over are kept for ever.',
    base: 'uring',
    convictedBy: ['ring.many-operations'],
    break: inDrivers((driver) => {
      const kept: Entry[] = [];
      return {
        ioUringSubmit: (entry, options) => {
          kept.push(entry);
          return driver.ioUringSubmit(entry, options);
        },
      };
    }),
  },
  {
    name: 'outlived-in-flight-past-limit',
    fault: 'An entry that ran out of time stays in flight.',
    base: 'uring',
    convictedBy: ['ring.entry-in-flight'],
    break: inSubmissions((submit, entry, options) => {
      const submission = submit(entry, options);
      submission.catch(({ code }: NodeJS.ErrnoException) => {
        if (code === 'ERR_POLYRING_TIMEOUT') keepInFlight(entry);
      });
      return submission;
    }),
  },
  {
    name: 'outlived-in-flight-of-several',
    fault: 'Entries that were submitted together stay in flight.',
    base: 'uring',
    convictedBy: ['ring.entry-in-flight'],
    break: inDrivers((driver) => ({
      submitMany: (entries, options) =>
        driver.submitMany(entries, options).finally(() => entries.forEach(keepInFlight)),
    })),
  },
  {
    name: 'outlived-in-flight-behind-failure',
    fault: 'An entry behind one that failed stays in flight.',
    base: 'uring',
    convictedBy: ['ring.entry-in-flight'],
    break: inDrivers((driver) => ({
      submitLinked: async (entries, options) => {
        const ends = await driver.submitLinked(entries, options);
        for (const [index, end] of ends.entries()) {
          const entry = entries[index];
          if (entry !== undefined && end.status === 'rejected' && end.reason.code === 'ECANCELED') keepInFlight(entry);
        }
        return ends;
      },
    })),
  },
];
