import {
  checkInteger,
  disposedError,
  Entry,
  IORING_CQE_F_MORE,
  IORING_MSG_RING_FLAGS_PASS,
  IORING_OP_MSG_RING,
  PolyringError,
  type RawFd,
  type Remote,
  type RemoteHandle,
} from '@polyring/core';
import { dup } from '@polyring/sys';
import type { NativeRing } from '../binding.js';

/** What a remote needs of its own driver. */
export interface RemoteParts {
  readonly native: Pick<NativeRing, 'adopt' | 'closeAdopted'>;
  submit(entry: Entry): Promise<number>;
}

const INT32_MIN = -(2 ** 31);
const INT32_MAX = 2 ** 31 - 1;

/**
 * The way to an inbox of another ring.
 *
 * It has a descriptor of its own for that ring, so that the number cannot come to mean another file between the look
 * at the inbox's state and the kernel's look at the entry. That the descriptor is the right one is sure because the
 * inbox was there after it was made: its state goes to 0 before its ring's descriptor is closed.
 */
export class RemoteRing implements Remote {
  readonly #handle: RemoteHandle;
  readonly #parts: RemoteParts;
  readonly #fd: RawFd;
  /** Wakes that the kernel may not have looked at: their descriptor stays. */
  #inFlight = 0;
  #disposed = false;
  #open = true;

  /** @throws ERR_POLYRING_REMOTE_GONE; EMFILE */
  constructor(handle: RemoteHandle, parts: RemoteParts) {
    this.#handle = handle;
    this.#parts = parts;
    if (!this.#isThere()) throw goneError();
    this.#fd = duplicate(handle.fd);
    parts.native.adopt(this.#fd);
    if (this.#isThere()) return;
    this[Symbol.dispose]();
    throw goneError();
  }

  async wake(value = 0): Promise<void> {
    checkInteger(value, 'value', INT32_MIN, INT32_MAX);
    if (this.#disposed) throw disposedError('remote');
    if (this.#isThere()) await this.#send(value);
    // If it went meanwhile, nobody may have seen the wake.
    if (this.#isThere()) return;
    this.#letGo();
    throw goneError();
  }

  [Symbol.dispose](): void {
    this.#disposed = true;
    this.#letGo();
  }

  async #send(value: number): Promise<void> {
    this.#inFlight += 1;
    try {
      await this.#parts.submit(
        Entry.unsafe({
          opcode: IORING_OP_MSG_RING,
          fd: this.#fd,
          off: this.#handle.userData,
          len: value,
          opFlags: IORING_MSG_RING_FLAGS_PASS,
          fileIndex: IORING_CQE_F_MORE,
        }),
      );
    } finally {
      this.#inFlight -= 1;
      if (this.#disposed) this.#letGo();
    }
  }

  #letGo(): void {
    if (!this.#open || this.#inFlight > 0) return;
    this.#open = false;
    this.#parts.native.closeAdopted(this.#fd);
  }

  #isThere(): boolean {
    return Atomics.load(this.#handle.state, 0) === this.#handle.generation;
  }
}

function duplicate(fd: RawFd): RawFd {
  try {
    return dup(fd);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EBADF') throw goneError();
    throw error;
  }
}

function goneError(): PolyringError {
  return new PolyringError(
    'ERR_POLYRING_REMOTE_GONE',
    'The inbox that the handle is for was closed, or the thread of its driver has ended. Ask that thread for a new handle.',
  );
}
