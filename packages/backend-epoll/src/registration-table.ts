import type { RawFd } from '@polyring/core';
import { type Member, Registration } from './registration.js';

/** Every registration, by the index and generation that its events carry. */
export class RegistrationTable {
  readonly #entries: (Registration | undefined)[] = [];
  readonly #free: number[] = [];
  #generation = 0;

  /** Makes a registration with an index of its own and a generation that no other one has. */
  make(fd: RawFd, member: Member): Registration {
    const index = this.#free.pop() ?? this.#entries.length;
    this.#generation = (this.#generation + 1) >>> 0;
    const registration = new Registration(fd, index, this.#generation, member);
    this.#entries[index] = registration;
    return registration;
  }

  /** The registration of an event; undefined for an event of one that is gone. */
  find(index: number, generation: number): Registration | undefined {
    const registration = this.#entries[index];
    return registration?.generation === generation ? registration : undefined;
  }

  remove(registration: Registration): void {
    this.#entries[registration.index] = undefined;
    this.#free.push(registration.index);
  }

  /** The registrations that are there now. */
  all(): Registration[] {
    return this.#entries.filter((entry) => entry !== undefined);
  }
}
