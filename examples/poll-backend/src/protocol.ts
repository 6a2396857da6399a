import type { MessagePort } from 'node:worker_threads';
import type { PollEvents, RawFd } from '@polyring/core';

/** What the poll thread watches for one object of a driver. */
export interface Interest {
  /** Used once, so that a report never meets a later object. */
  readonly id: number;
  readonly fd: RawFd;
  /** None takes the object out of what is polled. */
  readonly events: PollEvents;
}

/** What a driver's thread tells the poll thread; `end` ends it. */
export type Request =
  | {
      /** Counts up from 1. */
      readonly sequence: number;
      /** What changes. What is watched already and not mentioned stays. */
      readonly interests: readonly Interest[];
      /** When the earliest timer is due, on the clock of `now()`; Infinity for never. */
      readonly deadline: number;
    }
  | 'end';

/** What the poll thread tells a driver's thread. What it reports it does not watch any more. */
export interface Report {
  /** The last request that it had taken. */
  readonly sequence: number;
  /** The objects with the events that hold. */
  readonly ready: readonly Interest[];
  /** Whether the deadline has passed. It is forgotten then. */
  readonly due: boolean;
}

/** What the poll thread starts with. */
export interface PollThreadData {
  readonly port: MessagePort;
  /** An eventfd that is written after each request: the poll thread polls it too. */
  readonly wakeFd: RawFd;
  /** An eventfd that is written after each report: the event loop of the driver's thread watches it. */
  readonly reportFd: RawFd;
  /**
   * One word in shared memory: the last request that is in force, which means that the kernel has let go of all that
   * it took out. -1 before the thread runs, {@link ENDED} after it has ended.
   */
  readonly progress: BigInt64Array;
}

/** The progress of a thread that polls nothing any more, whatever is asked of it. */
export const ENDED = BigInt(Number.MAX_SAFE_INTEGER);
