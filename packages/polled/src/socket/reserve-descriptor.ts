import { closeSync, openSync } from 'node:fs';
import type { RawFd } from '@polyring/core';

/** A descriptor that is kept for the moment when there is no other. */
export class ReserveDescriptor {
  #fd: RawFd | undefined;

  /** @throws EMFILE, ENFILE */
  fill(): void {
    this.#fd ??= openSync('/dev/null', 'r');
  }

  /** Whether there was one to give up. */
  release(): boolean {
    if (this.#fd === undefined) return false;
    closeSync(this.#fd);
    this.#fd = undefined;
    return true;
  }
}
