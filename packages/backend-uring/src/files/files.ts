import {
  checkInteger,
  checkObject,
  type Entry,
  type FileTable,
  type FileTableOptions,
  IOSQE_FIXED_FILE,
  PolyringError,
} from '@polyring/core';
import type { KernelFeatures } from '../kernel/features.js';
import type { DescriptorOwner } from '../multishot/completion.js';
import { RegisteredFiles, type RegisteredFilesHost } from './registered-files.js';
import { socketTypeOf } from './socket-type.js';

const DEFAULT_SLOTS = 256;
const MOST_SLOTS = 32768;

/** The table of registered files of a driver, once it was asked for. */
export class Files implements DescriptorOwner {
  readonly #host: RegisteredFilesHost;
  readonly #features: KernelFeatures;
  #table: RegisteredFiles | undefined;

  constructor(host: RegisteredFilesHost, features: KernelFeatures) {
    this.#host = host;
    this.#features = features;
  }

  make(options: FileTableOptions = {}): FileTable {
    checkObject(options);
    const { slots = DEFAULT_SLOTS, directSlots = 0 } = options;
    checkInteger(slots, 'options.slots', 0, MOST_SLOTS);
    checkInteger(directSlots, 'options.directSlots', slots === 0 ? 1 : 0, MOST_SLOTS);
    this.#host.engine.checkOpen();
    if (directSlots > 0) this.#features.require('directDescriptors');
    if (this.#table !== undefined) {
      throw new PolyringError(
        'ERR_POLYRING_IN_USE',
        'The driver has a table of registered files, and a ring has but one. Use that, or make it larger from the start.',
      );
    }
    this.#table = new RegisteredFiles(slots, directSlots, this.#host);
    return this.#table;
  }

  get closed(): boolean {
    return this.#host.engine.closed;
  }

  /** The type of the socket that an entry is on, as far as that is known: of slots of the kernel's own choice it is not. */
  socketTypeOf({ fd, flags }: Entry): number | undefined {
    return (flags & IOSQE_FIXED_FILE) === 0 ? socketTypeOf(fd) : this.#table?.socketTypeOf(fd);
  }

  /** Slots end with the ring anyway. */
  adopt(): void {}

  disown(): void {}

  closeAdopted(slot: number): void {
    this.drop(slot);
  }

  /** Drops a file that the kernel registered and that nobody wants. */
  drop(slot: number): void {
    if (this.#host.engine.open) this.#table?.remove(slot);
  }
}
