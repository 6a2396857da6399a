import type { RawFd } from '@polyring/core';
import { close } from '@polyring/sys';
import type { NativeRing } from '../binding.js';
import type { DescriptorOwner } from './completion.js';

/** Descriptors that multishot operations made. Those that were adopted end with the ring, however its environment ends. */
export class Descriptors implements DescriptorOwner {
  readonly #native: Pick<NativeRing, 'adopt' | 'disown' | 'closeAdopted'>;

  constructor(native: Pick<NativeRing, 'adopt' | 'disown' | 'closeAdopted'>) {
    this.#native = native;
  }

  adopt(fd: RawFd): void {
    this.#native.adopt(fd);
  }

  disown(fd: RawFd): void {
    this.#native.disown(fd);
  }

  closeAdopted(fd: RawFd): void {
    this.#native.closeAdopted(fd);
  }

  drop(fd: RawFd): void {
    close(fd);
  }
}
