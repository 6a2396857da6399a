import { Errno } from '@polyring/core';
import { Backlog } from './backlog.js';
import type { Operation } from './operation.js';
import type { Ring } from './ring.js';

const { EAGAIN, EBUSY, EINTR } = Errno;

/** Operations on their way to the kernel: in the SQ, and behind it in the backlog if they found it full. */
export class SubmissionQueue {
  readonly #ring: Ring;
  readonly #backlog = new Backlog();
  readonly #failed: (errno: number) => void;
  #refusal = 0;

  /** @param failed gets the error number of an enter after which the ring is of no use any more */
  constructor(ring: Ring, failed: (errno: number) => void) {
    this.#ring = ring;
    this.#failed = failed;
  }

  /** How many operations one enter takes at the most. */
  get longestChain(): number {
    return this.#ring.size;
  }

  /** Queues an operation that has its slot. */
  add(operation: Operation): void {
    if (this.#backlog.empty && this.#hasRoom(1)) this.#ring.push(operation);
    else this.#backlog.add(operation);
  }

  /** Queues operations that have their slots, so that one enter takes them all. */
  addChain(operations: readonly Operation[]): void {
    const direct = this.#backlog.empty && this.#hasRoom(operations.length);
    for (const [index, operation] of operations.entries()) {
      operation.chained = operations.length - index;
      if (direct) this.#ring.push(operation);
      else this.#backlog.add(operation);
    }
  }

  /** The negative error number that the kernel refused what is queued with, the last time; 0 if it did not. */
  get refusal(): number {
    return this.#refusal;
  }

  /**
   * Has an operation touch no file that the kernel has not taken yet.
   *
   * @returns whether it was taken out of the queue; in the SQ it stays, to fail
   */
  disarm(operation: Operation): boolean {
    if (this.#backlog.remove(operation)) return true;
    this.#ring.disarm(operation.slot);
    return false;
  }

  /** Takes everything back that is not in the SQ. */
  takeBacklog(): Operation[] {
    const operations: Operation[] = [];
    for (let operation = this.#backlog.take(); operation !== undefined; operation = this.#backlog.take()) {
      operations.push(operation);
    }
    return operations;
  }

  /** Submits the SQ and the backlog behind it. False if the kernel did not take everything. */
  submitAll(): boolean {
    while (this.#enter()) {
      if (this.#backlog.empty) return true;
      let operation = this.#backlog.first;
      while (operation !== undefined && operation.chained <= this.#ring.room) {
        this.#backlog.take();
        this.#ring.push(operation);
        operation = this.#backlog.first;
      }
    }
    return false;
  }

  /** Whether SQEs may be written. A full SQ is submitted first; nothing is drained, since wakers must not run here. */
  #hasRoom(count: number): boolean {
    if (this.#ring.room >= count) return true;
    this.#enter();
    return this.#ring.room >= count;
  }

  /** Submits the SQ. False if the kernel did not take everything, for now (EAGAIN, EBUSY) or for ever. */
  #enter(): boolean {
    while (this.#ring.queued > 0) {
      const taken = this.#ring.submit();
      this.#refusal = Math.min(taken, 0);
      if (taken > 0 || taken === EINTR) continue;
      if (taken !== 0 && taken !== EAGAIN && taken !== EBUSY) this.#failed(taken);
      return false;
    }
    return true;
  }
}
