import { type Driver, Entry, type EntryFields, type SubmitOptions } from '@polyring/core';
import type { Operation } from '../../../packages/backend-uring/dist/engine/operation.js';
import { Ring } from '../../../packages/backend-uring/dist/engine/ring.js';
import type { Change } from './change.js';
import { inside, replaceMethod } from './internals.js';
import { overlay } from './overlay.js';
import { inDrivers } from './parts.js';

/** Submits to the unbroken driver. */
export type Submit = (entry: Entry, options?: SubmitOptions) => Promise<number>;

/** A change of submissions of some opcodes, or of all: gets what was asked, and how to submit. */
export function inSubmissions(
  change: (submit: Submit, entry: Entry, options: SubmitOptions | undefined) => Promise<number>,
  ...opcodes: readonly number[]
): Change {
  return inDrivers((driver: Driver) => ({
    ioUringSubmit: (entry, options) => {
      const submit: Submit = (asked, how) => driver.ioUringSubmit(asked, how);
      const isChanged = opcodes.length === 0 || opcodes.includes(entry?.opcode);
      return isChanged ? change(submit, entry, options) : submit(entry, options);
    },
  }));
}

/** Another entry, with other fields. It is one in its own right, as drivers take no stand-in for one. */
export function entryLike(entry: Entry, changes: Partial<EntryFields>): Entry {
  const { rare, opcode, flags, fd, off, len, opFlags, buffer, access } = entry;
  const memory = buffer === undefined ? {} : { buffer, access };
  return Entry.unsafe({ ...rare, opcode, flags, fd, off, len, opFlags, ...memory, ...changes });
}

/** A change of writing the SQEs of some opcodes. */
export function inSqes(change: (entry: Entry) => Partial<Entry>, ...opcodes: readonly number[]): Change {
  return inOperations((operation) => {
    const { entry } = operation;
    return opcodes.includes(entry.opcode) ? { entry: overlay(entry, change(entry)) } : {};
  });
}

/** A change of writing SQEs: gets each operation, and returns what its SQE is to hold instead. */
export function inOperations(change: (operation: Operation) => Partial<Operation>): Change {
  return inside(() =>
    replaceMethod(Ring.prototype, 'push', (push) => {
      return function (this: Ring, operation) {
        push.call(this, overlay(operation, change(operation)));
      };
    }),
  );
}
