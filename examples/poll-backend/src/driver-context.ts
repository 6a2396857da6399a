import type { LoopHold } from '@polyring/core';
import type { PollThread } from './poll-thread.js';
import type { Watched } from './watched.js';

/** What the objects of one driver need of it. */
export interface DriverContext {
  readonly thread: PollThread;
  readonly hold: LoopHold;
  /** Everything of the driver that watches a descriptor. */
  readonly watched: Set<Watched>;
  /** Throws the error of a closed driver. */
  checkOpen(): void;
}
