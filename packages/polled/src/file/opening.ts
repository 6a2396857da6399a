import type { PollOptions } from '@polyring/core';

/** How a file is opened; the path has no null byte and is not too long. */
export interface Opening {
  readonly path: string | Buffer;
  readonly flags: number;
  readonly mode: number;
  readonly limits: PollOptions | undefined;
}
