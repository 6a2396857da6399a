import type { Poll, Waker } from '../values/poll.js';
import type { InterestSlot, PollEvents } from '../values/poll-events.js';
import type { RawFd } from '../values/raw-fd.js';
import type { Referenced } from './reference.js';

/**
 * The readiness of a socket. On Linux it keeps the rules of a descriptor's readiness;
 * it is a part of its own so that a backend may treat sockets in another way.
 *
 * Connect, or start to connect, before registering: a fresh TCP socket reports OUT|HUP.
 */
export interface PollSocketReady extends Disposable, Referenced {
  /** As `PollFdReady.pollFdReady`. */
  pollSocketReady(waker: Waker, slot: InterestSlot, events: PollEvents): Poll<PollEvents>;

  /** As `PollFdReady.clearFdReady`. */
  clearSocketReady(slot: InterestSlot, drained?: boolean): void;
}

/** The part of a driver that watches sockets. */
export interface SocketReadyDriver {
  /**
   * Registers a socket; it stays the caller's, to be closed after disposal.
   *
   * @throws EBADF if it is not open; ENOTSOCK if it is not a socket; ERR_POLYRING_CLOSED; ERR_INVALID_ARG_TYPE,
   * ERR_OUT_OF_RANGE
   */
  newSocketReady(socket: RawFd): PollSocketReady;
}
