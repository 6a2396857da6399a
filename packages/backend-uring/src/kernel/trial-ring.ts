import type { Binding } from './binding.js';
import { tryCalls } from './probe.js';
import { type RingSizes, setupRing } from './setup.js';

/**
 * Sizes of the ring that tells whether there may be one. It is the first ring of most threads, and the kernel gives all
 * rings of a thread as many bounded workers as its first has entries, four a processor at the most. So many entries do
 * for 64 processors, in six pages.
 */
const USUAL: RingSizes = { entries: 256, completionEntries: 256 };

/** Sizes where there is no memory for that: the most entries that two pages hold, the least that a ring takes. */
const LEAST: RingSizes = { entries: 64, completionEntries: 64 };

/**
 * Makes a ring, and all calls that a driver needs, and closes it again.
 *
 * @throws the system error of io_uring_setup(2), io_uring_enter(2) or io_uring_register(2)
 */
export function tryRing(binding: Binding): void {
  const native = setupRing(binding, USUAL, LEAST);
  try {
    tryCalls(native);
  } finally {
    native.close();
  }
}
