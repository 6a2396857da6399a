import { checkFd, checkInteger, Errno, type FileTable, type RawFd, systemError } from '@polyring/core';
import type { Engine } from '../engine/engine.js';
import {
  IORING_REGISTER_FILE_ALLOC_RANGE,
  IORING_REGISTER_FILES_UPDATE,
  IORING_REGISTER_FILES2,
} from '../kernel/abi.js';
import type { NativeRing } from '../kernel/binding.js';
import { register, registerSparse } from '../kernel/register.js';
import { upperHalf } from '../kernel/word.js';
import type { CustodyMemory } from '../memory/custody-memory.js';
import { socketTypeOf } from './socket-type.js';

const NO_FILE = -1;

/** What the registered files need of their driver. */
export interface RegisteredFilesHost {
  readonly native: Pick<NativeRing, 'register'>;
  readonly engine: Pick<Engine, 'checkOpen' | 'closed' | 'open'>;
  readonly memory: Pick<CustodyMemory, 'ownMemory'>;
}

/** The registered files of a ring. Slots in front are chosen here, those behind by the kernel. */
export class RegisteredFiles implements FileTable {
  readonly slots: number;
  readonly directSlots: number;
  readonly #host: RegisteredFilesHost;
  readonly #used: boolean[];
  readonly #free: number[];
  /** The types of sockets, by slot. Asked when they come, as nobody can ask a slot. */
  readonly #socketTypes = new Map<number, number | undefined>();

  /** @throws EMFILE and the other system errors of io_uring_register(2) */
  constructor(slots: number, directSlots: number, host: RegisteredFilesHost) {
    this.slots = slots;
    this.directSlots = directSlots;
    this.#host = host;
    this.#used = new Array<boolean>(slots).fill(false);
    this.#free = Array.from({ length: slots }, (_, index) => slots - 1 - index);
    this.#register();
  }

  add(fd: RawFd): number {
    this.#host.engine.checkOpen();
    checkFd(fd);
    const slot = this.#free.at(-1);
    if (slot === undefined) throw systemError(Errno.ENFILE, 'io_uring_register', { fd });
    this.#set(slot, fd);
    this.#free.pop();
    this.#used[slot] = true;
    // Kept until then, as what receives from the slot goes on after its removal.
    this.#socketTypes.set(slot, socketTypeOf(fd));
    return slot;
  }

  /** The type of the file in a slot, if it is a socket that {@link add} put there. */
  socketTypeOf(slot: number): number | undefined {
    return this.#socketTypes.get(slot);
  }

  remove(slot: number): void {
    this.#host.engine.checkOpen();
    checkInteger(slot, 'slot', 0, this.slots + this.directSlots - 1);
    this.#set(slot, NO_FILE);
    if (this.#used[slot] !== true) return;
    this.#used[slot] = false;
    this.#free.push(slot);
  }

  /** `struct io_uring_file_index_range`: off, len, resv. */
  #register(): void {
    const { native } = this.#host;
    registerSparse(native, IORING_REGISTER_FILES2, this.slots + this.directSlots);
    const result = native.register(
      IORING_REGISTER_FILE_ALLOC_RANGE,
      Uint32Array.of(this.slots, this.directSlots, 0, 0),
      0,
    );
    // Linux 5.19 knows no ranges, and no slots for the kernel were asked for there.
    if (result < 0 && this.directSlots > 0) throw systemError(result, 'io_uring_register');
  }

  /** `struct io_uring_files_update`: offset, resv, fds; it points to the descriptor. */
  #set(slot: number, fd: RawFd): void {
    const { native, memory } = this.#host;
    const block = memory.ownMemory.take(Int32Array.BYTES_PER_ELEMENT);
    block.arena.bytes.writeInt32LE(fd, block.offset);
    const argument = Uint32Array.of(slot, 0, block.address, upperHalf(block.address));
    try {
      register(native, IORING_REGISTER_FILES_UPDATE, argument, 1, fd === NO_FILE ? {} : { fd });
    } finally {
      memory.ownMemory.give(block);
    }
  }
}
