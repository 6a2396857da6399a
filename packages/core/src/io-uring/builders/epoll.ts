import { checkInteger, checkObject, invalidArgType, invalidWord, outOfRange } from '../../errors/argument-error.js';
import type { RawFd } from '../../values/raw-fd.js';
import { readStruct } from '../attachment.js';
import { Entry } from '../entry.js';
import { IORING_OP_EPOLL_CTL, IORING_OP_EPOLL_WAIT } from '../opcodes.js';
import { type EpollEvent, EpollEventsResult, encodeEpollEvent, epollEventsStruct } from '../results/epoll-events.js';
import { requireBits, requireFd, requireResult } from './check.js';
import { type EntryOptions, sqeFlagsOf } from './options.js';

/** What is done to a registration of an epoll set. */
export type EpollChange = 'add' | 'delete' | 'modify';

const CHANGES: ReadonlyMap<unknown, number> = new Map([
  ['add', 1],
  ['delete', 2],
  ['modify', 3],
]);

const NO_EVENT: EpollEvent = { events: 0, data: 0n };
const UINT64_MAX = 2n ** 64n - 1n;

/**
 * Registers a descriptor with an epoll set, changes it or takes it away, as epoll_ctl(2).
 *
 * Resolves to 0. Rejects with EEXIST, ENOENT, EPERM and the others of epoll_ctl(2).
 * Linux 5.6; io_uring_enter(2), IORING_OP_EPOLL_CTL.
 *
 * @param event what is waited for, EPOLL* bits, and what its events carry; not needed to delete
 * @throws ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE, ERR_OUT_OF_RANGE
 */
export function epollCtl(epfd: RawFd, change: EpollChange, fd: RawFd, event: EpollEvent = NO_EVENT): Entry {
  requireFd(epfd, 'epfd');
  requireFd(fd);
  const op = CHANGES.get(change);
  if (op === undefined) throw invalidWord('change', CHANGES.keys(), change);
  checkObject(event, 'event');
  const { events, data } = event;
  requireBits(events, 'event.events');
  if (typeof data !== 'bigint') throw invalidArgType('event.data', 'of type bigint', data);
  if (data < 0n || data > UINT64_MAX) throw outOfRange('event.data', 'an unsigned number of 64 bits', data);
  return Entry.unsafe({
    opcode: IORING_OP_EPOLL_CTL,
    fd: epfd,
    off: fd,
    len: op,
    attached: { addr: readStruct(encodeEpollEvent(event)) },
  });
}

/**
 * Waits for events of an epoll set, as epoll_wait(2) without a time.
 *
 * Resolves to how many there are, at least 1; `result` tells which. Linux 6.15; io_uring_enter(2), IORING_OP_EPOLL_WAIT.
 *
 * @param maximum the most events to take; all that `result` has room for by default
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
 */
export function epollWait(epfd: RawFd, result: EpollEventsResult, maximum?: number, options: EntryOptions = {}): Entry {
  requireFd(epfd, 'epfd');
  requireResult(result, EpollEventsResult, 'EpollEventsResult');
  const len = maximum ?? result.capacity;
  checkInteger(len, 'maximum', 1, result.capacity);
  return Entry.unsafe({
    opcode: IORING_OP_EPOLL_WAIT,
    flags: sqeFlagsOf(options),
    fd: epfd,
    len,
    attached: { addr: epollEventsStruct(result) },
  });
}
