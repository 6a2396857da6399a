import type { RawFd } from '@polyring/core';
import { close, eventfd, own } from '@polyring/sys';

/**
 * A descriptor that is kept for the moment when there is no other. It is of no path, as there may be no `/dev`, or none that
 * the permission model of Node.js allows.
 */
export class ReserveDescriptor {
  #fd: RawFd | undefined;

  /** @throws EMFILE, ENFILE */
  fill(): void {
    if (this.#fd !== undefined) return;
    this.#fd = eventfd();
    own(this.#fd);
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
    close(this.#fd);
    this.#fd = undefined;
    return true;
  }
}

/** Whether an error says that there is no free descriptor. */
export function isShortage(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'EMFILE' || code === 'ENFILE';
}
