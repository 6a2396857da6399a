import { type Entry, MemoryAccess, makeEntry } from '../entry.js';
import { IORING_OP_NOP } from '../opcodes.js';

/**
 * Does nothing and completes: for tests and for measuring the ring.
 *
 * Resolves to 0. Linux 5.1; io_uring_enter(2), IORING_OP_NOP.
 */
export function nop(): Entry {
  return makeEntry(IORING_OP_NOP, 0, -1, 0, 0, 0, undefined, MemoryAccess.KernelReads);
}
