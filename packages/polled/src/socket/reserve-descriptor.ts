import { closeSync, openSync } from 'node:fs';
import type { RawFd } from '@polyring/core';

/** A descriptor that is kept for the moment when there is no other. */
export class ReserveDescriptor {
  #fd: RawFd | undefined;

  /** @throws EMFILE, ENFILE */
  fill(): void {
    this.#fd ??= openSync('/dev/null', 'r');
  }

  /** As {@link fill}, where another thread may have been faster: then it is left for later. */
  refill(): void {
    try {
      this.fill();
    } catch (error) {
      if (!isShortage(error)) throw error;
    }
  }

  /** Whether there was one to give up. */
  release(): boolean {
    if (this.#fd === undefined) return false;
    closeSync(this.#fd);
    this.#fd = undefined;
    return true;
  }
}

/** Whether an error says that there is no free descriptor. */
export function isShortage(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'EMFILE' || code === 'ENFILE';
}
