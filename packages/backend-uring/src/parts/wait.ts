import {
  Activity,
  checkWaker,
  disposedError,
  Entry,
  Errno,
  IORING_OP_READ,
  type LoopHold,
  Pending,
  type Poll,
  type PollWait,
  type RawFd,
  shortReadError,
  systemError,
  type Waker,
  WakerCell,
} from '@polyring/core';
import type { Engine } from '../engine/engine.js';
import { Operation } from '../engine/operation.js';
import type { Block } from '../memory/block.js';
import type { Pool } from '../memory/pool.js';

const { EBADR, ECANCELED } = Errno;

/** A consuming wait: one READ into the driver's memory, ended by ASYNC_CANCEL. */
export class RingWait extends Activity implements PollWait {
  readonly #fd: RawFd;
  readonly #readSize: number;
  readonly #engine: Engine;
  readonly #pool: Pool;
  readonly #waker = new WakerCell();
  /** Made for the first wait, and used for every one. */
  #read: ReadOperation | undefined;
  #cancelling = false;
  #result: number | undefined;
  #value = 0n;

  constructor(fd: RawFd, readSize: number, engine: Engine, pool: Pool, hold: LoopHold) {
    super(hold);
    this.#fd = fd;
    this.#readSize = readSize;
    this.#engine = engine;
    this.#pool = pool;
  }

  get value(): bigint {
    return this.#value;
  }

  pollWait(waker: Waker): Poll<undefined> {
    this.#check();
    checkWaker(waker);
    const result = this.#takeResult();
    if (result === undefined || result === ECANCELED) {
      this.#cancelling = false;
      return this.#wait(waker);
    }
    if (result < 0) throw systemError(result, 'read', { fd: this.#fd });
    if (result < this.#readSize) throw shortReadError(this.#fd, this.#readSize, result);
    return undefined;
  }

  pollCancelWait(waker: Waker): Poll<boolean> {
    this.#check();
    checkWaker(waker);
    const result = this.#takeResult();
    if (result !== undefined) return result > 0;
    const read = this.#read;
    if (read?.inFlight !== true) return false;
    this.#park(waker);
    if (!this.#cancelling) {
      this.#cancelling = true;
      this.#engine.cancel(read);
    }
    return Pending;
  }

  [Symbol.dispose](): void {
    if (!this.end()) return;
    this.#waker.clear();
    this.active = false;
    const read = this.#read;
    if (read === undefined) return;
    if (read.inFlight) this.#engine.cancelNow(read);
    else read.release();
  }

  #wait(waker: Waker): Pending {
    this.#read ??= new ReadOperation(this.#fd, this.#readSize, this.#pool, this.#complete);
    this.#park(waker);
    if (!this.#read.inFlight) this.#engine.enqueue(this.#read);
    return Pending;
  }

  #park(waker: Waker): void {
    this.#waker.set(waker);
    this.active = true;
  }

  #takeResult(): number | undefined {
    const result = this.#result;
    this.#result = undefined;
    return result;
  }

  readonly #complete = (result: number, value: bigint): void => {
    if (this.disposed) {
      this.#read?.release();
      return;
    }
    this.#result = result;
    this.#cancelling = false;
    if (result >= 0) this.#value = value;
    this.active = false;
    this.#waker.wake();
  };

  #check(): void {
    if (this.disposed) throw disposedError('wait');
    this.#engine.checkOpen();
  }
}

class ReadOperation extends Operation {
  readonly entry: Entry;
  readonly #pool: Pool;
  readonly #block: Block;
  readonly #tell: (result: number, value: bigint) => void;
  /** Where the ring failed the kernel may still write to the block: it is left behind. */
  #lost = false;

  constructor(fd: RawFd, readSize: number, pool: Pool, tell: (result: number, value: bigint) => void) {
    super();
    this.#pool = pool;
    this.#block = pool.take(readSize);
    this.#tell = tell;
    this.entry = Entry.unsafe({ opcode: IORING_OP_READ, fd, off: -1, len: readSize });
    this.address = this.#block.address;
  }

  complete(result: number): void {
    if (result === EBADR) this.#lost = true;
    this.#tell(result, result > 0 ? this.#valueOf(result) : 0n);
  }

  /** Gives the memory back. It is no longer used then. */
  release(): void {
    if (!this.#lost) this.#pool.give(this.#block);
  }

  #valueOf(length: number): bigint {
    const { bytes } = this.#block.arena;
    const { offset } = this.#block;
    if (length === 8) return bytes.readBigUInt64LE(offset);
    // The machine's byte order; Polyring runs on little-endian machines only.
    return length <= 6 ? BigInt(bytes.readUIntLE(offset, length)) : bytes.readBigUInt64LE(offset) & 0xffffffffffffffn;
  }
}
