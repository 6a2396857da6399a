import { types } from 'node:util';
import { checkFd, checkInteger, flag, invalidArgType, type RawFd } from '@polyring/core';
import { native } from '../addon/binding.js';
import { succeeded } from '../addon/outcome.js';
import { checkView } from '../arguments/view-range.js';
import { EPOLL_CTL_ADD, EPOLL_CTL_MOD } from '../constants/epoll.js';

/** The 32-bit words that {@link epollWait} fills for each event: events, low and high word of the data, 0. */
export const EPOLL_EVENT_WORDS = 4;

/** The most events that one {@link epollWait} gives. */
export const EPOLL_MAX_EVENTS = 512;

/**
 * Makes an epoll set, close-on-exec (epoll_create1(2)).
 *
 * @param options `owned`: it is `own` of its environment as soon as it is there, so that a worker that is terminated in
 * that moment leaves none. Default false
 * @throws ERR_INVALID_ARG_TYPE; EMFILE, ENFILE, ENOMEM
 */
export function epollCreate(options: { readonly owned?: boolean | undefined } = {}): RawFd {
  return succeeded(native.epollCreate(flag(options, 'owned', false)), 'epoll_create1');
}

/**
 * Changes an epoll set (epoll_ctl(2)).
 *
 * @param op EPOLL_CTL_ADD, EPOLL_CTL_MOD or EPOLL_CTL_DEL
 * @param events the EPOLL* bits; for ADD and MOD
 * @param dataLow the low 32 bits of the data that the set's events carry
 * @param dataHigh the high 32 bits
 * @returns 0 or the negative error number. Never throws for what the kernel says
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
 */
export function epollCtl(
  epfd: RawFd,
  op: number,
  fd: RawFd,
  events: number,
  dataLow: number,
  dataHigh: number,
): number {
  checkFd(epfd, 'epfd');
  checkInteger(op, 'op', EPOLL_CTL_ADD, EPOLL_CTL_MOD);
  checkFd(fd);
  checkWord(events, 'events');
  checkWord(dataLow, 'dataLow');
  checkWord(dataHigh, 'dataHigh');
  return native.epollCtl(epfd, op, fd, events, dataLow, dataHigh);
}

/**
 * Takes the events of an epoll set (epoll_wait(2)).
 * With a timeout other than 0 it blocks the thread.
 *
 * @param events receives {@link EPOLL_EVENT_WORDS} words an event
 * @param maxEvents the most events to take; what fits into `events` and {@link EPOLL_MAX_EVENTS} limit it too
 * @param timeoutMs milliseconds to wait for an event; -1 waits without a limit
 * @returns the count of events or the negative error number, EINTR among them
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE, ERR_POLYRING_DETACHED
 */
export function epollWait(epfd: RawFd, events: Uint32Array, maxEvents: number, timeoutMs = 0): number {
  checkFd(epfd, 'epfd');
  if (!types.isUint32Array(events)) throw invalidArgType('events', 'an instance of Uint32Array', events);
  checkView(events, 'events');
  checkInteger(maxEvents, 'maxEvents', 1, 0x7fffffff);
  checkInteger(timeoutMs, 'timeoutMs', -1, 0x7fffffff);
  return native.epollWait(epfd, events, maxEvents, timeoutMs);
}

/** Throws unless a value has the bits of a word, with a sign or without: a set of bits with the highest one is negative. */
function checkWord(value: unknown, name: string): void {
  checkInteger(value, name, -0x8000_0000, 0xffff_ffff);
}
