import type { Entry } from '@polyring/core';

/** A `user_data`, by halves. */
interface UserData {
  readonly low: number;
  readonly high: number;
}

/** Kept beside the entries, as few have a target and the size of an entry is most of its cost. */
const targets = new WeakMap<Entry, UserData>();

/**
 * Keeps the `user_data` that an entry's target is in flight with. Until the entry's SQE is written, which may have to wait for
 * memory or for room in the SQ, the target may be over and be in flight again, here or elsewhere. What it had is nobody's then.
 */
export function keepTarget(entry: Entry, { userDataLow, userDataHigh }: Entry): void {
  targets.set(entry, { low: userDataLow, high: userDataHigh });
}

/** What was kept of an entry that has a target. */
export function keptTarget(entry: Entry): UserData {
  return targets.get(entry) as UserData;
}
