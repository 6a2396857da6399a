import { constants } from 'node:os';
import {
  type Driver,
  type Entry,
  IOSQE_IO_HARDLINK,
  IOSQE_IO_LINK,
  nop,
  type SubmitLinkedOptions,
  type SubmitOptions,
  systemError,
} from '@polyring/core';
import { inDrivers } from '../seams/parts.js';
import { inSubmissions } from '../seams/ring.js';
import type { Mutant } from './mutant.js';

const { EINVAL } = constants.errno;

/** Submits one after the other, until one fails. */
async function oneByOne(
  driver: Driver,
  entries: readonly Entry[],
  options: SubmitLinkedOptions = {},
): Promise<PromiseSettledResult<number>[]> {
  const ends: PromiseSettledResult<number>[] = [];
  for (const entry of entries) ends.push(...(await driver.submitLinked([entry], options)));
  return ends;
}

/** Options without a signal that was aborted. */
function withoutAborted<T extends SubmitOptions>(options: T | undefined): T | undefined {
  if (!options?.signal?.aborted) return options;
  const { signal: _, ...rest } = options;
  return rest as T;
}

/** Broken submissions of several operations at once. */
export const chainMutants: readonly Mutant[] = [
  {
    name: 'chains-all-or-nothing',
    fault: 'Of several operations at once, the first failure rejects all.',
    base: 'uring',
    convictedBy: ['chains.many'],
    break: inDrivers((driver) => ({
      submitMany: async (entries, options) => {
        const values = await Promise.all(entries.map((entry) => driver.ioUringSubmit(entry, options)));
        return values.map((value) => ({ status: 'fulfilled', value }));
      },
    })),
  },
  {
    name: 'chains-without-links',
    fault: 'Linked operations are submitted as independent ones.',
    base: 'uring',
    convictedBy: ['chains.linked', 'chains.failure', 'chains.refusal'],
    break: inDrivers((driver) => ({ submitLinked: (entries, options) => driver.submitMany(entries, options) })),
  },
  {
    name: 'chains-always-soft',
    fault: 'A hard link ends with a failure as any other.',
    base: 'uring',
    convictedBy: ['chains.hard'],
    break: inDrivers((driver) => ({
      submitLinked: (entries, options) => driver.submitLinked(entries, { ...options, hard: false }),
    })),
  },
  {
    name: 'chains-always-hard',
    fault: 'A chain goes on after a failure, as if its links were hard.',
    base: 'uring',
    convictedBy: ['chains.failure'],
    break: inDrivers((driver) => ({
      submitLinked: (entries, options) => driver.submitLinked(entries, { ...options, hard: true }),
    })),
  },
  {
    name: 'chains-in-halves',
    fault: 'A chain is submitted in two halves.',
    base: 'uring',
    convictedBy: ['chains.whole'],
    break: inDrivers((driver) => ({
      submitLinked: async (entries, options) => {
        const middle = entries.length >> 1;
        const halves = [entries.slice(0, middle), entries.slice(middle)];
        return (await Promise.all(halves.map((half) => driver.submitLinked(half, options)))).flat();
      },
    })),
  },
  {
    name: 'chains-one-by-one',
    fault: 'The operations of a chain are submitted one after the other.',
    base: 'uring',
    convictedBy: ['chains.refusal', 'chains.failure'],
    break: inDrivers((driver) => ({ submitLinked: (entries, options) => oneByOne(driver, entries, options) })),
  },
  {
    name: 'chains-without-limit',
    fault: 'The time limit of a submission is ignored.',
    base: 'uring',
    convictedBy: ['chains.timeout'],
    break: inSubmissions((submit, entry, options) => submit(entry, { ...options, timeout: undefined })),
  },
  {
    name: 'chains-limit-early',
    fault: 'A time limit is over 1 ms early.',
    base: 'uring',
    convictedBy: ['chains.timeout'],
    break: inSubmissions((submit, entry, options) => {
      const { timeout } = options ?? {};
      return submit(entry, timeout !== undefined && timeout > 1 ? { ...options, timeout: timeout - 1 } : options);
    }),
  },
  {
    name: 'chains-abort-leaves-rest',
    fault: 'A signal cancels the first operation of several.',
    base: 'uring',
    convictedBy: ['chains.abort'],
    break: inDrivers((driver) => ({
      submitMany: async (entries, options) => {
        const [first = [], rest = []] = [entries.slice(0, 1), entries.slice(1)];
        const ends = [driver.submitMany(first, options), driver.submitMany(rest, { ...options, signal: undefined })];
        return (await Promise.all(ends)).flat();
      },
    })),
  },
  {
    name: 'chains-links-dropped',
    fault: 'A link to whatever is submitted next is dropped in silence.',
    base: 'uring',
    convictedBy: ['chains.flags'],
    break: inSubmissions((submit, entry, options) => {
      const links = (entry.flags & (IOSQE_IO_LINK | IOSQE_IO_HARDLINK)) !== 0;
      return submit(links ? nop() : entry, options);
    }),
  },
  {
    name: 'chains-close-forgets',
    fault: 'Several operations at once never settle when one of them is cancelled by closing.',
    base: 'uring',
    convictedBy: ['chains.close'],
    break: inDrivers((driver) => ({
      submitMany: async (entries, options) => {
        const ends = await driver.submitMany(entries, options);
        return driver.closed ? new Promise(() => {}) : ends;
      },
    })),
  },
  {
    name: 'chains-without-ring',
    fault: 'A driver without a ring resolves to no results.',
    base: 'epoll',
    convictedBy: ['chains.unsupported'],
    break: inDrivers(() => ({ submitMany: async () => [], submitLinked: async () => [] })),
  },
  {
    name: 'chains-abort-without-cause',
    fault: 'Of several operations that a signal ended, none tells the reason of the signal.',
    base: 'uring',
    convictedBy: ['chains.abort'],
    break: inDrivers((driver) => ({
      submitMany: async (entries, options) => {
        const ends = await driver.submitMany(entries, options);
        for (const end of ends) if (end.status === 'rejected') delete end.reason.cause;
        return ends;
      },
    })),
  },
  {
    name: 'chains-many-ignore-aborted',
    fault: 'Several operations run though their signal was aborted before.',
    base: 'uring',
    convictedBy: ['chains.abort'],
    break: inDrivers((driver) => ({
      submitMany: (entries, options) => driver.submitMany(entries, withoutAborted(options)),
    })),
  },
  {
    name: 'chains-linked-ignore-aborted',
    fault: 'Linked operations run though their signal was aborted before.',
    base: 'uring',
    convictedBy: ['chains.abort'],
    break: inDrivers((driver) => ({
      submitLinked: (entries, options) => driver.submitLinked(entries, withoutAborted(options)),
    })),
  },
  {
    name: 'chains-errors-without-errno',
    fault: 'Of several operations, those that failed tell a code, and neither errno nor syscall.',
    base: 'uring',
    convictedBy: ['chains.many'],
    break: inDrivers((driver) => ({
      submitMany: async (entries, options) => {
        const ends = await driver.submitMany(entries, options);
        for (const end of ends) {
          if (end.status !== 'rejected') continue;
          delete end.reason.errno;
          delete end.reason.syscall;
        }
        return ends;
      },
    })),
  },
  {
    name: 'chains-give-unknown-to-kernel',
    fault: 'Of several operations, one of an opcode that there is not is told as the kernel refuses it.',
    base: 'uring',
    convictedBy: ['ring.unknown-opcode'],
    break: inDrivers((driver) => ({
      submitMany: async (entries, options) => {
        const ends = await driver.submitMany(entries, options);
        return ends.map((end, index) => {
          const { opcode } = entries[index] ?? {};
          if (opcode === undefined || driver.ioUringProbe(opcode)) return end;
          return { status: 'rejected', reason: systemError(-EINVAL, 'io_uring_enter') };
        });
      },
    })),
  },
];
