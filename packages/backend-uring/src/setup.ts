import { systemError } from '@polyring/core';
import {
  ERRNO,
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

/** In order of preference. An old kernel answers EINVAL to flags that it does not know. */
const FLAG_SETS = [ALWAYS | IORING_SETUP_SINGLE_ISSUER, ALWAYS];

/**
 * Sets a ring up with the best flags that the kernel takes. Linux 5.19 is the oldest: from there on
 * a ring can cancel everything at once, which its safe end needs.
 *
 * @throws the system error of io_uring_setup(2)
 */
export function setupRing(binding: Binding, sizes: RingSizes): NativeRing {
  let error = 0;
  for (const flags of FLAG_SETS) {
    const native = new binding.Ring(sizes.entries, sizes.completionEntries, flags);
    if (native.error === 0) return native;
    error = native.error;
    if (error !== ERRNO.EINVAL) break;
  }
  throw systemError(error, 'io_uring_setup');
}
