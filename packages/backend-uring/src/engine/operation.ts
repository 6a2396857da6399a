import type { Entry } from '@polyring/core';

/** Where attached memory is, by the field of the SQE; of a timeout that goes on, `off` is how many ticks are left. */
export interface AttachedAddresses {
  readonly addr: number | undefined;
  readonly off: number | undefined;
  readonly addr3: number | undefined;
}

/** No slot: the operation is not in flight. */
export const NO_SLOT = -1;

/**
 * One operation on its way through the ring: the entry, where its memory is, and who is told.
 *
 * An operation is in flight from the moment it is queued until its terminal completion.
 * It may be used again after that.
 *
 * What only some operations have stands on the prototype, since tens of thousands of polls may be in flight.
 */
export abstract class Operation {
  abstract readonly entry: Entry;
  /** What the SQE's `opcode` is, where it is another form of the entry's; 0 for the entry's own. */
  declare otherOpcode: number;
  /** What the SQE's `addr` holds, unless the entry has a target. */
  declare address: number;
  /** What the SQE's `buf_index` holds. */
  declare bufIndex: number;
  /** The addresses of attached memory; undefined where the entry attaches none. */
  declare addresses: AttachedAddresses | undefined;
  /** The events that a multishot poll was changed to wait for, in place of its entry's. */
  declare changedEvents: number | undefined;
  /** IOSQE_* bits beside the entry's own: how it is linked to the operation behind it. */
  declare linkFlags: number;
  /** Whether it is the send of a sender. */
  declare readonly ofSender: boolean;
  /** How many operations, this one first, have to reach the kernel by one enter. */
  declare chained: number;
  /** The place in the slot table while in flight. Set by the table. */
  slot = NO_SLOT;

  /** Whether the kernel, or the queue to it, holds the operation. */
  get inFlight(): boolean {
    return this.slot !== NO_SLOT;
  }

  /**
   * One completion of the operation. The slot is free already if it is the terminal one.
   * Runs in the drain and must not throw.
   */
  abstract complete(result: number, flags: number): void;

  static {
    Object.assign(Operation.prototype, {
      otherOpcode: 0,
      address: 0,
      bufIndex: 0,
      addresses: undefined,
      changedEvents: undefined,
      linkFlags: 0,
      chained: 1,
      ofSender: false,
    });
  }
}
