import { type Entry, IORING_ASYNC_CANCEL_FD } from '@polyring/core';
import type { Operation } from './operation.js';

/** By entry: the `user_data` that it was in flight with when it was to be cancelled. */
const asked = new WeakMap<Entry, { readonly low: number; readonly high: number }>();

/**
 * Notes what the program has asked to cancel by an ASYNC_CANCEL: what a kernel worker runs is cancelled by interrupting it, as
 * it is when the process is stopped.
 *
 * @param inFlight is asked for where the cancel names no entry
 */
export function noteCancel(cancel: Entry, inFlight: () => readonly Operation[]): void {
  const { target } = cancel;
  if (target !== undefined) note(target);
  else for (const { entry } of inFlight()) if (mayFind(cancel, entry)) note(entry);
}

/** Whether the program has asked to cancel an entry since it was submitted the last time. */
export function isAskedToCancel(entry: Entry): boolean {
  const at = asked.get(entry);
  return at !== undefined && at.low === entry.userDataLow && at.high === entry.userDataHigh;
}

function note(entry: Entry): void {
  asked.set(entry, { low: entry.userDataLow, high: entry.userDataHigh });
}

function mayFind({ opFlags, fd }: Entry, entry: Entry): boolean {
  return (opFlags & IORING_ASYNC_CANCEL_FD) === 0 || entry.fd === fd;
}
