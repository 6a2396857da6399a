import type { FixedBuffers } from './fixed-buffers.js';
import type { Pool } from './pool.js';

/** Where the memory of operations is. */
export interface CustodyMemory {
  /** What is lent, and what other buffers bounce through. */
  readonly pool: Pool;
  /** Memory that nobody but the driver sees, for the addresses of vectors: whoever changed one would move a write of the kernel. */
  readonly ownMemory: Pool;
  readonly fixed: FixedBuffers;
}
