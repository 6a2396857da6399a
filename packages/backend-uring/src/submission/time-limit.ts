import { type Entry, IORING_OP_LINK_TIMEOUT, linkTimeout, timeout } from '@polyring/core';
import { Operation } from '../engine/operation.js';
import { ERRNO } from '../kernel/abi.js';
import { Custody } from '../memory/custody.js';
import type { CustodyMemory } from '../memory/custody-memory.js';

/** A time after which the kernel cancels, or tells: a LINK_TIMEOUT behind one operation, or a TIMEOUT beside several. */
export class TimeLimit extends Operation {
  readonly entry: Entry;
  readonly milliseconds: number;
  readonly #custody: Custody;
  readonly #over: () => void;
  #expired = false;

  /**
   * Takes memory for the time.
   *
   * @param over runs in the drain when the kernel has let go of it, expired or not
   */
  constructor(memory: CustodyMemory, entry: Entry, milliseconds: number, over: () => void) {
    super();
    this.entry = entry;
    this.milliseconds = milliseconds;
    this.#over = over;
    // The driver's own memory: a full pool stops no limit.
    this.#custody = new Custody({ ...memory, pool: memory.ownMemory });
    this.#custody.take(entry, this);
  }

  static ofOne(memory: CustodyMemory, milliseconds: number, over: () => void): TimeLimit {
    return new TimeLimit(memory, linkTimeout(milliseconds), milliseconds, over);
  }

  static ofSeveral(memory: CustodyMemory, milliseconds: number, over: () => void): TimeLimit {
    return new TimeLimit(memory, timeout(milliseconds), milliseconds, over);
  }

  /** Whether the time has passed. */
  get expired(): boolean {
    return this.#expired;
  }

  /** Gives the memory back, of one that was not queued or that is over. */
  release(): void {
    this.#custody.finish(-1);
  }

  complete(result: number): void {
    // A LINK_TIMEOUT that expired tells by ETIME that it cancelled, and by another error why it could not.
    this.#expired = this.entry.opcode === IORING_OP_LINK_TIMEOUT ? result !== ERRNO.ECANCELED : result === ERRNO.ETIME;
    this.release();
    this.#over();
  }
}
