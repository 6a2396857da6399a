import {
  checkInteger,
  disposedError,
  type LoopHold,
  PolyringError,
  type RawFd,
  type Remote,
  type RemoteHandle,
} from '@polyring/core';
import { dup } from '@polyring/sys';
import type { Engine } from '../engine/engine.js';
import type { NativeRing } from '../kernel/binding.js';
import { Wake, wakeEntry } from './wake.js';

/** What a remote needs of its own driver. */
export interface RemoteParts {
  readonly native: Pick<NativeRing, 'adopt' | 'closeAdopted'>;
  readonly engine: Engine;
  readonly hold: LoopHold;
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

  wake(value = 0): Promise<void> {
    try {
      this.#check(value);
    } catch (error) {
      return Promise.reject(error);
    }
    return new Promise((resolve, reject) => {
      const { engine, hold } = this.#parts;
      const wake = new Wake(wakeEntry(this.#fd, this.#handle, value), (error) => {
        const trouble = this.#sent(error);
        if (trouble === undefined) resolve();
        else reject(trouble);
      });
      engine.enqueue(wake);
      hold.hold();
      this.#inFlight += 1;
    });
  }

  /** The kernel has let go of a wake. Why nobody may have seen it, if so. */
  #sent(error: Error | undefined): unknown {
    const { engine, hold } = this.#parts;
    hold.release();
    this.#inFlight -= 1;
    const isThere = this.#isThere();
    if (this.#disposed || !isThere) this.#letGo();
    return engine.failure ?? error ?? (isThere ? undefined : goneError());
  }

  [Symbol.dispose](): void {
    this.#disposed = true;
    this.#letGo();
  }

  #check(value: number): void {
    if (this.#disposed) throw disposedError('remote');
    this.#parts.engine.checkOpen();
    if (!this.#isThere()) {
      this.#letGo();
      throw goneError();
    }
    checkInteger(value, 'value', INT32_MIN, INT32_MAX);
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
