import {
  Entry,
  type Instant,
  IORING_OP_TIMEOUT,
  IORING_OP_TIMEOUT_REMOVE,
  IORING_TIMEOUT_UPDATE,
  now,
  toTimespec,
} from '@polyring/core';
import type { Engine } from '../engine/engine.js';
import { Operation } from '../engine/operation.js';
import { writeWord } from '../kernel/word.js';
import type { Block } from '../memory/block.js';

/** Bytes that a {@link KernelTimer} needs. */
export const TIMESPEC_SIZE = 16;

/**
 * One TIMEOUT operation in the kernel, for the earliest deadline of all timers.
 *
 * It moves nearer by TIMEOUT_UPDATE and never further: firing once for nothing is cheaper. The kernel is told how long
 * it is until then: io_uring takes an instant for one of the machine's clock, which is another than that of a process in a
 * time namespace (time_namespaces(7), seen on Linux 6.18).
 */
export class KernelTimer {
  readonly #engine: Engine;
  readonly #timespec: Block;
  readonly #expired: () => void;
  #timeout: TimeoutOperation | undefined;
  #deadline = Number.POSITIVE_INFINITY;

  /**
   * @param timespec memory of {@link TIMESPEC_SIZE} for the deadline, which is armed where nothing may fail
   * @param expired runs in the drain, when the timer has expired or was disturbed
   */
  constructor(engine: Engine, timespec: Block, expired: () => void) {
    this.#engine = engine;
    this.#timespec = timespec;
    this.#expired = expired;
  }

  /** Makes sure that it expires at `deadline` or before. Queues an operation if need be. */
  arm(deadline: Instant): void {
    if (this.#timeout !== undefined && deadline >= this.#deadline) return;
    this.#deadline = deadline;
    this.#write(deadline);
    if (this.#timeout === undefined) {
      this.#timeout = new TimeoutOperation(this.#timespec, this.#complete);
      this.#engine.enqueue(this.#timeout);
    } else {
      this.#engine.enqueue(new UpdateOperation(this.#timeout, this.#timespec));
    }
  }

  /** Writes the time anew for what the kernel has refused so far. For what it has taken, that changes nothing. */
  renew(): void {
    this.#write(this.#deadline);
  }

  readonly #complete = (): void => {
    this.#timeout = undefined;
    this.#deadline = Number.POSITIVE_INFINITY;
    this.#expired();
  };

  /** The kernel reads a timespec when it takes the SQE, and one tick submits at most one of them. */
  #write(deadline: number): void {
    const { arena, offset } = this.#timespec;
    const { seconds, nanoseconds } = toTimespec(deadline - now());
    writeWord(arena.bytes, offset, seconds);
    writeWord(arena.bytes, offset + 8, nanoseconds);
  }
}

class TimeoutOperation extends Operation {
  readonly entry = Entry.unsafe({ opcode: IORING_OP_TIMEOUT, len: 1 });
  readonly complete: () => void;

  constructor(timespec: Block, complete: () => void) {
    super();
    this.address = timespec.address;
    this.complete = complete;
  }
}

/** ENOENT here says that the timer has expired meanwhile; its own completion sees to that. */
class UpdateOperation extends Operation {
  readonly entry: Entry;

  constructor(timeout: TimeoutOperation, timespec: Block) {
    super();
    this.entry = Entry.unsafe({
      opcode: IORING_OP_TIMEOUT_REMOVE,
      opFlags: IORING_TIMEOUT_UPDATE,
      off: timespec.address,
      target: timeout.entry,
    });
  }

  complete(): void {}
}
