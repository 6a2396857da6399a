import type { PollEvents } from '../../values/poll-events.js';
import type { RawFd } from '../../values/raw-fd.js';
import { Entry, MemoryAccess } from '../entry.js';
import { IORING_POLL_ADD_MULTI } from '../flags/poll.js';
import { IORING_ACCEPT_MULTISHOT } from '../flags/socket.js';
import { IORING_TIMEOUT_MULTISHOT } from '../flags/timeout.js';
import { IORING_OP_ACCEPT, IORING_OP_POLL_ADD, IORING_OP_TIMEOUT } from '../opcodes.js';
import { requireBits, requireCount, requireFd, requireOptions } from './check.js';
import { millisecondsOf, timespecOf } from './timeout.js';

const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;

/** How connections are accepted. */
export interface AcceptMultishotOptions {
  /** O_NONBLOCK of the connections. True by default. */
  readonly nonblock?: boolean;
}

/** What ends a multishot timeout by itself. */
export interface TimeoutMultishotOptions {
  /** Ticks until it is over. 0, the default, is no end. */
  readonly count?: number;
}

/**
 * Accepts one connection after the other, close-on-exec, each as a completion whose result is its descriptor.
 *
 * For `driver.multishot`. Fails with EMFILE, ENFILE, ECONNABORTED and the others of accept(2).
 * Linux 5.19; io_uring_enter(2), IORING_OP_ACCEPT.
 *
 * @param fd a listening socket
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
 */
export function acceptMultishot(fd: RawFd, options: AcceptMultishotOptions = {}): Entry {
  requireFd(fd);
  requireOptions(options);
  return Entry.unsafe({
    opcode: IORING_OP_ACCEPT,
    fd,
    ioprio: IORING_ACCEPT_MULTISHOT,
    opFlags: options.nonblock === false ? SOCK_CLOEXEC : SOCK_CLOEXEC | SOCK_NONBLOCK,
  });
}

/**
 * Completes with the events of a descriptor each time that some happen, the ones that hold at the start included.
 * It is edge triggered: read or write until EAGAIN before the next completion is relied on.
 *
 * For `driver.multishot`. Linux 5.13; io_uring_enter(2), IORING_OP_POLL_ADD.
 *
 * @param events bits of `PollEvents`, or others of `<poll.h>`; HUP, ERR and RDHUP are reported too
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
 */
export function pollMultishot(fd: RawFd, events: PollEvents): Entry {
  requireFd(fd);
  requireBits(events, 'events');
  return Entry.unsafe({ opcode: IORING_OP_POLL_ADD, fd, len: IORING_POLL_ADD_MULTI, opFlags: events });
}

/**
 * Completes with -ETIME each time that a number of milliseconds has passed.
 *
 * For `driver.multishot`. Linux 6.4; io_uring_enter(2), IORING_OP_TIMEOUT.
 *
 * @param milliseconds from tick to tick, at least 0, on CLOCK_MONOTONIC, rounded up to nanoseconds
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
 */
export function timeoutMultishot(milliseconds: number, options: TimeoutMultishotOptions = {}): Entry {
  requireOptions(options);
  const { count = 0 } = options;
  requireCount(count, 'options.count');
  return Entry.unsafe({
    opcode: IORING_OP_TIMEOUT,
    off: count,
    len: 1,
    opFlags: IORING_TIMEOUT_MULTISHOT,
    buffer: timespecOf(millisecondsOf(milliseconds, 'milliseconds')),
    access: MemoryAccess.KernelReads,
  });
}
