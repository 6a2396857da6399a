import { Errno, systemError } from '@polyring/core';
import {
  IORING_SETUP_CLAMP,
  IORING_SETUP_COOP_TASKRUN,
  IORING_SETUP_SINGLE_ISSUER,
  IORING_SETUP_SUBMIT_ALL,
} from './abi.js';
import type { Binding, NativeRing } from './binding.js';

/** Sizes of a ring. */
export interface RingSizes {
  readonly entries: number;
  readonly completionEntries: number;
}

const ALWAYS = IORING_SETUP_CLAMP | IORING_SETUP_SUBMIT_ALL | IORING_SETUP_COOP_TASKRUN;

const PREFERRED = ALWAYS | IORING_SETUP_SINGLE_ISSUER;

/**
 * Milliseconds to wait between attempts while memory is short. The kernel lets go of a closed ring's memory some time
 * later, and until then it counts as locked by the user (RLIMIT_MEMLOCK), so whoever makes and closes drivers meets it.
 */
const MEMORY_WAITS = [1, 4, 15, 30, 50];

/**
 * Sets a ring up with the best flags that the kernel takes. Linux 5.19 is the oldest: from there on
 * a ring can cancel everything at once, which its safe end needs. Where memory is short it waits for a tenth of a second.
 *
 * @param leastSizes what will do where there is no memory for `sizes`
 * @throws the system error of io_uring_setup(2)
 */
export function setupRing(binding: Binding, sizes: RingSizes, leastSizes = sizes): NativeRing {
  const sleeper = new Int32Array(new SharedArrayBuffer(4));
  for (let attempt = 0; ; attempt += 1) {
    const native = makeRing(binding, attempt === 0 ? sizes : leastSizes);
    if (native.error === 0) return native;
    const wait = native.error === Errno.ENOMEM ? MEMORY_WAITS[attempt] : undefined;
    if (wait === undefined) throw systemError(native.error, 'io_uring_setup');
    Atomics.wait(sleeper, 0, 0, wait);
  }
}

function makeRing(binding: Binding, { entries, completionEntries }: RingSizes): NativeRing {
  const native = new binding.Ring(entries, completionEntries, PREFERRED);
  // An old kernel answers so to flags that it does not know.
  return native.error === Errno.EINVAL ? new binding.Ring(entries, completionEntries, ALWAYS) : native;
}
