import type { PollEvents } from '../../values/poll-events.js';
import type { RawFd } from '../../values/raw-fd.js';
import { type Entry, MemoryAccess, makeEntry, makeRareEntry } from '../entry.js';
import { IORING_POLL_UPDATE_EVENTS } from '../flags/poll.js';
import { IORING_OP_POLL_ADD, IORING_OP_POLL_REMOVE } from '../opcodes.js';
import { requireBits, requireEntry, requireFd } from './check.js';

const { KernelReads } = MemoryAccess;

/**
 * Waits once until one of the events holds, as poll(2). HUP, ERR and RDHUP complete it too.
 *
 * Resolves to the events that hold; what cannot be waited for, such as a regular file, is always ready.
 * Rejects with EBADF for what is not open, and with ECANCELED once removed or cancelled.
 * Linux 5.1; io_uring_enter(2), IORING_OP_POLL_ADD.
 *
 * @param events bits of `PollEvents`, or others of `<poll.h>`
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
 */
export function pollAdd(fd: RawFd, events: PollEvents): Entry {
  requireFd(fd);
  requireBits(events, 'events');
  return makeEntry(IORING_OP_POLL_ADD, 0, fd, 0, 0, events, undefined, KernelReads);
}

/**
 * Ends a {@link pollAdd} in flight, whose promise then rejects with ECANCELED.
 *
 * Resolves to 0 if it was found. Rejects with ENOENT if it was not, and with EALREADY if it was completing.
 * Linux 5.1; io_uring_enter(2), IORING_OP_POLL_REMOVE.
 *
 * @param target the entry that was submitted to the same driver
 * @throws ERR_INVALID_ARG_TYPE
 */
export function pollRemove(target: Entry): Entry {
  requireEntry(target);
  return makeRareEntry({ opcode: IORING_OP_POLL_REMOVE, target });
}

/**
 * Changes the events that a {@link pollMultishot} in flight waits for.
 *
 * Resolves to 0 if it was found. Rejects as {@link pollRemove}. A driver may refuse the change of a {@link pollAdd} with
 * ERR_POLYRING_UNSUPPORTED, as Polyring's does: Linux 5.19 and some later ones lose a poll that completes once if what it
 * is changed to wait for is there already. Remove that poll instead, and add another one. A multishot that back-pressure has
 * stopped is not in flight, and so not found. A change lasts as long as the iteration: the next one of that entry begins with
 * its events.
 * Linux 5.13; io_uring_enter(2), IORING_OP_POLL_REMOVE.
 *
 * @param target the entry that was submitted to the same driver
 * @param events as for {@link pollAdd}
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
 */
export function pollUpdate(target: Entry, events: PollEvents): Entry {
  requireEntry(target);
  requireBits(events, 'events');
  const len = IORING_POLL_UPDATE_EVENTS;
  return makeRareEntry({ opcode: IORING_OP_POLL_REMOVE, len, opFlags: events, target });
}
