import { checkBoolean, invalidArgType } from '../../errors/argument-error.js';
import type { RawFd } from '../../values/raw-fd.js';
import { Entry, MemoryAccess, makeEntry, makeRareEntry } from '../entry.js';
import { IORING_ASYNC_CANCEL_ALL, IORING_ASYNC_CANCEL_FD } from '../flags/cancel.js';
import { IORING_OP_ASYNC_CANCEL } from '../opcodes.js';
import { requireFd } from './check.js';

const { KernelReads } = MemoryAccess;

/** Operations by the descriptor they are on, those of the driver's own readiness and wait objects among them. */
export interface CancelByFd {
  /** The descriptor. */
  readonly fd: RawFd;
  /** Every operation on it rather than the first. False by default. */
  readonly all?: boolean | undefined;
}

/**
 * Cancels an operation in flight. Its own promise settles as ever: with ECANCELED if the cancel
 * won, with its result if it did not. A transfer of a regular file that has started is not cancelled.
 * Of an entry it is what that is in flight for when the cancel leaves for the kernel, which may wait for memory or for room: one
 * that was submitted to the same driver anew by then is cancelled as well.
 *
 * Resolves to 0 if the operation was found; with `all` to the number found, 0 included.
 * Otherwise rejects with ENOENT if it was not found, and with EALREADY if it had started and may complete or not.
 * Linux 5.5, by descriptor 5.19; io_uring_enter(2), IORING_OP_ASYNC_CANCEL.
 *
 * @param target the entry that was submitted to the same driver, or a descriptor
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
 */
export function asyncCancel(target: Entry | CancelByFd): Entry {
  if (target instanceof Entry) {
    return makeRareEntry({ opcode: IORING_OP_ASYNC_CANCEL, target });
  }
  if (typeof target !== 'object' || target === null) throw invalidArgType('target', 'an Entry or { fd }', target);
  const { fd, all = false } = target;
  requireFd(fd);
  checkBoolean(all, 'all');
  const flags = IORING_ASYNC_CANCEL_FD | (all ? IORING_ASYNC_CANCEL_ALL : 0);
  return makeEntry(IORING_OP_ASYNC_CANCEL, 0, fd, 0, 0, flags, undefined, KernelReads);
}
