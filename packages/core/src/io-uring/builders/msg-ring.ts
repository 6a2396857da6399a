import { checkInteger } from '../../errors/argument-error.js';
import type { RawFd } from '../../values/raw-fd.js';
import { type Entry, makeRareEntry } from '../entry.js';
import { IORING_OP_MSG_RING } from '../opcodes.js';
import { requireFd } from './check.js';

const UINT32_MAX = 0xffffffff;

/** A Polyring driver never has so many operations in flight, and takes no notice of completions of such a slot. */
const NOBODY = 0x80000000;

/**
 * Posts a completion to a ring by its descriptor. To wake a driver of Polyring use its `remoteHandle`.
 *
 * Resolves to 0. Rejects with EBADFD for what is no ring, and with EOVERFLOW if its CQ is full.
 * Linux 5.18; io_uring_enter(2), IORING_OP_MSG_RING.
 *
 * @param ringFd the other ring
 * @param result what its completion has for a result: 32 bits
 * @param userData the low half of its `user_data` is this number with the highest bit set, so that no message is taken
 * for the end of an operation of a driver of Polyring: 0 to 2^31 - 1
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
 */
export function msgRing(ringFd: RawFd, result: number, userData = 0): Entry {
  requireFd(ringFd, 'ringFd');
  checkInteger(result, 'result', -(2 ** 31), UINT32_MAX);
  checkInteger(userData, 'userData', 0, NOBODY - 1);
  return makeRareEntry({ opcode: IORING_OP_MSG_RING, fd: ringFd, off: NOBODY + userData, len: result });
}
