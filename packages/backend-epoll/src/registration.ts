import type { PollEvents, RawFd } from '@polyring/core';

/** Something that waits for a descriptor's events. */
export interface Member {
  /** The events that would wake one of its waiters; 0 without a waiter. */
  readonly wanted: PollEvents;
  /** Takes events, and wakes whoever wants one of them; false if nobody does. For the drain only. */
  deliver(events: PollEvents): boolean;
  /** Wakes every waiter without an event, so that its next poll sees that the driver is closed. */
  wakeAll(): void;
}

/**
 * One item of the epoll set, which the kernel knows by an open file *and* a descriptor number, shared by every
 * object that was made for that number while it meant that file.
 */
export class Registration {
  readonly fd: RawFd;
  /** Where the table keeps it; the low word of its events' data. */
  readonly index: number;
  /** Tells it from earlier and later ones at the same index; the high word of its events' data. */
  readonly generation: number;
  /** Replaced, never changed in place: a delivery under way neither misses nor meets anybody by it. */
  members: readonly Member[];
  /** What the kernel reports now. It covers what every waiter wants. */
  mask: PollEvents = 0;
  /** How many times the kernel has reported something; it goes round. */
  events = 0;
  /**
   * There was an end, an error or urgent data. The first two are states that no read of bytes takes back, and before the
   * last a read ends though bytes are left: whoever says that it is drained is not believed any more.
   */
  eventful = false;
  /** An event came that nobody waited for, and nobody has waited since. */
  lonely = false;
  /** The number was seen to be closed, or to mean another file: it must not be used with the kernel any more. */
  stale = false;

  constructor(fd: RawFd, index: number, generation: number, member: Member) {
    this.fd = fd;
    this.index = index;
    this.generation = generation;
    this.members = [member];
  }

  /** What the members want together. */
  get wanted(): PollEvents {
    let wanted = 0;
    for (const member of this.members) wanted |= member.wanted;
    return wanted;
  }
}
