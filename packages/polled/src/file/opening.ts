import type { Driver, PollOptions, RawFd } from '@polyring/core';

/** How a file is opened; the path has no null byte and is not too long. */
export interface Opening {
  readonly path: string | Buffer;
  readonly flags: number;
  readonly mode: number;
  readonly limits: PollOptions | undefined;
}

/** One open(2), in a thread of the kernel's or of the pool. */
export type Open = (driver: Driver, opening: Opening) => Promise<RawFd>;
