import type { Poll, Waker } from '../values/poll.js';
import type { InterestSlot, PollEvents } from '../values/poll-events.js';
import type { RawFd } from '../values/raw-fd.js';
import type { Referenced } from './reference.js';

/**
 * The readiness of a descriptor. Dispose of it before closing the descriptor.
 *
 * Readiness that was reported is kept per slot until {@link clearFdReady}: read or
 * write until EAGAIN, clear, poll again.
 */
export interface PollFdReady extends Disposable, Referenced {
  /**
   * Asks whether one of `events` holds. HUP, ERR and RDHUP complete any poll.
   *
   * @param waker called when it may; it replaces the slot's earlier waker
   * @returns the events that were reported, among `events` and HUP, ERR, RDHUP; never an empty set
   * @throws ERR_POLYRING_DISPOSED, ERR_POLYRING_CLOSED; the system error of the kernel's poll, such as EMFILE where a ring
   * needs a descriptor to watch for PRI, or EBADF where the descriptor was closed: to a slot that waited then, or was
   * cleared as drained since its last event, that may never be told; ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
   */
  pollFdReady(waker: Waker, slot: InterestSlot, events: PollEvents): Poll<PollEvents>;

  /**
   * Forgets the readiness kept for a slot. The caller has drained the descriptor to EAGAIN.
   *
   * @param drained whether the last call on the descriptor, right before, has left nothing to read for the reading
   * slot, or no room to write for the other: it has said so by EAGAIN, or has read less of a TCP connection than it was
   * asked to. A backend may then wait for the next change of IN or OUT without a look at the present state. It tells of
   * the end, of an error and of urgent data all the same, and of what stands behind urgent data. By default false: the
   * EAGAIN may have been a while ago
   * @throws ERR_POLYRING_DISPOSED, ERR_POLYRING_CLOSED; ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
   */
  clearFdReady(slot: InterestSlot, drained?: boolean): void;
}

/** The part of a driver that watches descriptors. */
export interface FdReadyDriver {
  /**
   * Registers a descriptor; it stays the caller's, to be closed after disposal.
   *
   * @throws EBADF if it is not open; EPERM if the kernel cannot poll it, as for regular files (epoll_ctl(2)); EMFILE,
   * ENFILE where a ring, which tries that with an epoll set of its own, has no free descriptor for a moment; ELOOP for epoll
   * sets nested too deep; ERR_POLYRING_CLOSED; ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
   */
  newFdReady(fd: RawFd): PollFdReady;
}
