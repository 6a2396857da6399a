import type { FileTable, FileTableOptions } from '@polyring/core';
import type { Change } from '../seams/change.js';
import { inResources } from '../seams/completions.js';
import { overlay } from '../seams/overlay.js';
import { inSubmissions } from '../seams/ring.js';
import type { Mutant } from './mutant.js';

/** A fault of tables of registered files. */
function inTables(change: (table: FileTable) => Partial<FileTable>): Change {
  return inResources((resources) => ({
    fileTable: (options) => {
      const table = resources.fileTable(options);
      return overlay(table, change(table));
    },
  }));
}

/** The size that comes nearest to what was asked for. */
function clamped({ slots = 256, directSlots = 0 }: FileTableOptions = {}): FileTableOptions {
  const into = (count: number): number => Math.min(Math.max(Math.round(count), 0), 32_768);
  return { slots: into(slots) || 1, directSlots: into(directSlots) };
}

/** Broken tables of registered files, and limits of worker threads. */
export const fileTableMutants: readonly Mutant[] = [
  {
    name: 'files-never-removed',
    fault: 'A file that is removed from the table stays in it.',
    base: 'uring',
    convictedBy: ['files.slots'],
    break: inTables(() => ({ remove: () => {} })),
  },
  {
    name: 'files-remove-ends-operations',
    fault: 'An operation whose file is removed meanwhile is told as failed.',
    base: 'uring',
    convictedBy: ['files.removed-in-flight'],
    break: removesOperations(),
  },
  {
    name: 'files-direct-takes-first',
    fault: 'The kernel fills the slots of the caller too.',
    base: 'uring',
    convictedBy: ['files.direct'],
    break: inResources((resources) => ({
      fileTable: ({ slots = 256, directSlots = 0 } = {}) => {
        const table = resources.fileTable({ slots: 0, directSlots: slots + directSlots });
        return overlay(table, { slots, directSlots });
      },
    })),
  },
  {
    name: 'files-clamps-sizes',
    fault: 'A size that is out of range is brought into it.',
    base: 'uring',
    convictedBy: ['files.table-arguments'],
    break: inResources((resources) => ({ fileTable: (options) => resources.fileTable(clamped(options)) })),
  },
  {
    name: 'files-coerces-sizes',
    fault: 'A size that is no number is turned into one.',
    base: 'uring',
    convictedBy: ['files.table-arguments'],
    break: inResources((resources) => ({
      fileTable: ({ slots = 256, directSlots = 0 } = {}) =>
        resources.fileTable({ slots: Number(slots), directSlots: Number(directSlots) }),
    })),
  },
  {
    name: 'files-ignores-wrong-slots',
    fault: 'Removing what is no slot of the table does nothing.',
    base: 'uring',
    convictedBy: ['files.table-arguments'],
    break: inTables((table) => ({
      remove: (slot) => {
        if (slot >= 0 && slot < table.slots + table.directSlots) table.remove(slot);
      },
    })),
  },
  {
    name: 'workers-coerces-limits',
    fault: 'A limit of worker threads that is no number is turned into one.',
    base: 'uring',
    convictedBy: ['workers.limits'],
    break: inResources((resources) => ({
      workerLimits: (limits = {}) => {
        const numbers = Object.entries(limits).map(([kind, limit]) => [kind, Number(limit)]);
        return resources.workerLimits(Object.fromEntries(numbers));
      },
    })),
  },
  {
    name: 'workers-drops-processors',
    fault: 'Processors that the thread may not use are passed over.',
    base: 'uring',
    convictedBy: ['workers.affinity'],
    break: inResources((resources) => ({
      workerAffinity: (processors) => {
        try {
          resources.workerAffinity(processors);
        } catch (error) {
          if (!(error instanceof RangeError)) throw error;
        }
      },
    })),
  },
  {
    name: 'workers-both-limits',
    fault: 'One limit of worker threads is set for both kinds.',
    base: 'uring',
    convictedBy: ['workers.limits'],
    break: inResources((resources) => ({
      workerLimits: ({ bounded, unbounded } = {}) => {
        const limit = bounded ?? unbounded;
        return resources.workerLimits(limit === undefined ? {} : { bounded: limit, unbounded: limit });
      },
    })),
  },
];

/** Ends what is in flight when a file is removed from a table. */
function removesOperations(): Change {
  let removals = 0;
  const table = inTables((inner) => ({
    remove: (slot) => {
      removals += 1;
      inner.remove(slot);
    },
  }));
  const submissions = inSubmissions(async (submit, entry, options) => {
    const before = removals;
    const result = await submit(entry, options);
    if (removals > before) throw Object.assign(new Error('ECANCELED: operation canceled'), { code: 'ECANCELED' });
    return result;
  });
  return (base) => submissions(table(base));
}
