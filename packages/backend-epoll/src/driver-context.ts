import type { LoopHold } from '@polyring/core';
import type { EpollSet } from './epoll-set.js';

/** What the objects of one driver need of it. */
export interface DriverContext {
  readonly set: EpollSet;
  readonly hold: LoopHold;
  /** Throws the error of a closed driver. */
  checkOpen(): void;
}
