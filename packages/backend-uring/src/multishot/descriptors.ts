import type { RawFd } from '@polyring/core';
import { close } from '@polyring/sys';
import type { Engine } from '../engine/engine.js';
import type { NativeRing } from '../kernel/binding.js';
import type { DescriptorOwner } from './completion.js';

/** Descriptors that multishot operations made. Those that were adopted end with the ring, however its environment ends. */
export class Descriptors implements DescriptorOwner {
  readonly #native: Pick<NativeRing, 'adopt' | 'disown' | 'closeAdopted'>;
  readonly #engine: Pick<Engine, 'closed'>;

  constructor(native: Pick<NativeRing, 'adopt' | 'disown' | 'closeAdopted'>, engine: Pick<Engine, 'closed'>) {
    this.#native = native;
    this.#engine = engine;
  }

  get closed(): boolean {
    return this.#engine.closed;
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
