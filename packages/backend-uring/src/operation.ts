import type { Entry } from '@polyring/core';

/** Where attached memory is, by the field of the SQE. */
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
 */
export abstract class Operation {
  abstract readonly entry: Entry;
  /** What the SQE's `addr` holds, unless the entry has a target. */
  address = 0;
  /** What the SQE's `buf_index` holds. */
  bufIndex = 0;
  /** The addresses of attached memory; undefined where the entry attaches none. */
  addresses: AttachedAddresses | undefined = undefined;
  /** IOSQE_* bits beside the entry's own: how it is linked to the operation behind it. */
  linkFlags = 0;
  /** How many operations, this one first, have to reach the kernel by one enter. */
  chained = 1;
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
}
