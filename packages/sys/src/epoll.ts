import type { RawFd } from '@polyring/core';
import { native } from './binding.js';
import { succeeded } from './outcome.js';

/** The 32-bit words that {@link epollWait} fills for each event: events, low and high word of the data, 0. */
export const EPOLL_EVENT_WORDS = 4;

/** The most events that one {@link epollWait} gives. */
export const EPOLL_MAX_EVENTS = 512;

/**
 * Makes an epoll set, close-on-exec (epoll_create1(2)).
 *
 * @throws EMFILE, ENFILE, ENOMEM
 */
export function epollCreate(): RawFd {
  return succeeded(native.epollCreate(), 'epoll_create1');
}

/**
 * Changes an epoll set (epoll_ctl(2)). A hot path: its arguments are the caller's to check.
 *
 * @param op EPOLL_CTL_ADD, EPOLL_CTL_MOD or EPOLL_CTL_DEL
 * @param events the EPOLL* bits; for ADD and MOD
 * @param dataLow the low 32 bits of the data that the set's events carry
 * @param dataHigh the high 32 bits
 * @returns 0 or the negative error number. Never throws for what the kernel says
 */
export function epollCtl(
  epfd: RawFd,
  op: number,
  fd: RawFd,
  events: number,
  dataLow: number,
  dataHigh: number,
): number {
  return native.epollCtl(epfd, op, fd, events, dataLow, dataHigh);
}

/**
 * Takes the events of an epoll set (epoll_wait(2)). A hot path: its arguments are the caller's to check.
 * With a timeout other than 0 it blocks the thread.
 *
 * @param events receives {@link EPOLL_EVENT_WORDS} words an event
 * @param maxEvents the most events to take; what fits into `events` and {@link EPOLL_MAX_EVENTS} limit it too
 * @param timeoutMs milliseconds to wait for an event; -1 waits without a limit
 * @returns the count of events or the negative error number, EINTR among them
 */
export function epollWait(epfd: RawFd, events: Uint32Array, maxEvents: number, timeoutMs = 0): number {
  return native.epollWait(epfd, events, maxEvents, timeoutMs);
}
