import type { PollEvents, RawFd } from '@polyring/core';

/** Something that waits for a descriptor's events. */
export interface Listener {
  /** The events that would wake one of its waiters; 0 without a waiter. */
  readonly wanted: PollEvents;
  /** Takes events of poll(2), POLLNVAL among them. For the drain only. */
  deliver(events: PollEvents): void;
}

/** A listener's place in what the poll thread watches. Its number is used once. */
export class Registration {
  readonly id: number;
  readonly fd: RawFd;
  readonly listener: Listener;
  /** What the thread was told to watch for; 0 once it has reported. */
  armed: PollEvents = 0;
  /** The request that told it. */
  request = 0;

  constructor(id: number, fd: RawFd, listener: Listener) {
    this.id = id;
    this.fd = fd;
    this.listener = listener;
  }
}
