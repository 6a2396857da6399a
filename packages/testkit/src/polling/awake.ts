import { readFileSync } from 'node:fs';
import { now } from '@polyring/core';

/** Times of a thread, in milliseconds. */
export interface ThreadTimes {
  /** How long it ran so far. */
  readonly ran: number;
  /** How long it was runnable so far and waited for a processor. */
  readonly waited: number;
  /** The time of this. */
  readonly at: number;
}

/** Those of this thread (proc(5)). Where the kernel does not count them, it ran as long as the process did. */
export function threadTimes(): ThreadTimes {
  try {
    const [ran = 0, waited = 0] = readFileSync('/proc/thread-self/schedstat', 'latin1').split(' ').map(Number);
    if (ran > 0) return { ran: ran / 1e6, waited: waited / 1e6, at: now() };
  } catch {
    // No such file.
  }
  const { user, system } = process.cpuUsage();
  return { ran: (user + system) / 1e3, waited: 0, at: now() };
}

/**
 * The part of the time between the two that a thread ran, of what the machine left to it: waits for a processor count
 * neither as sleep nor as running. 1 for a thread that had less than a millisecond, which cannot have slept.
 */
export function awakeBetween(before: ThreadTimes, after: ThreadTimes): number {
  const left = after.at - before.at - (after.waited - before.waited);
  return left < 1 ? 1 : (after.ran - before.ran) / left;
}
