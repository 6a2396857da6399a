import { type Entry, MemoryAccess, makeEntry } from '../io-uring/entry.js';
import { MSG_NOSIGNAL, MSG_WAITALL } from '../io-uring/flags.js';
import { IORING_OP_SEND } from '../io-uring/opcodes.js';
import type { RawFd } from '../values/raw-fd.js';

/**
 * The entry of a send. The backend says itself where the bytes are. It is made here, and not in the one backend that has
 * senders, since `makeEntry` is not exported.
 *
 * @param whole whether it is over when all was sent, and not when some was
 */
export function sendEntry(socket: RawFd, length: number, whole: boolean): Entry {
  const flags = whole ? MSG_NOSIGNAL | MSG_WAITALL : MSG_NOSIGNAL;
  return makeEntry(IORING_OP_SEND, 0, socket, 0, length, flags, undefined, MemoryAccess.KernelReads);
}
