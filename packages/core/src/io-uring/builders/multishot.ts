import { invalidArgType } from '../../errors/argument-error.js';
import type { PollEvents } from '../../values/poll-events.js';
import type { RawFd } from '../../values/raw-fd.js';
import { Entry, MemoryAccess } from '../entry.js';
import { IORING_POLL_ADD_MULTI } from '../flags/poll.js';
import { IORING_ACCEPT_MULTISHOT, IORING_RECV_MULTISHOT } from '../flags/socket.js';
import { IOSQE_BUFFER_SELECT } from '../flags/sqe.js';
import { IORING_TIMEOUT_MULTISHOT } from '../flags/timeout.js';
import {
  IORING_OP_ACCEPT,
  IORING_OP_POLL_ADD,
  IORING_OP_READ_MULTISHOT,
  IORING_OP_RECV,
  IORING_OP_TIMEOUT,
} from '../opcodes.js';
import { requireBits, requireBufferGroup, requireCount, requireFd, requireOptions } from './check.js';
import { type EntryOptions, fileIndexOf, socketFlags, sqeFlagsOf } from './options.js';
import { millisecondsOf, timespecOf } from './timeout.js';

/** How connections are accepted. */
export interface AcceptMultishotOptions extends EntryOptions {
  /** O_NONBLOCK of the connections. True by default. */
  readonly nonblock?: boolean | undefined;
  /** Puts the connections into free slots among the registered files, whose numbers are the results. */
  readonly direct?: 'alloc' | undefined;
}

/** The group of buffers that the kernel selects from: a `BufferRing` of the same driver. */
export interface BufferGroup {
  readonly group: number;
}

/** How is received. */
export interface RecvMultishotOptions extends EntryOptions {
  /** MSG_* bits, as recv(2) takes them. None by default. */
  readonly flags?: number | undefined;
}

/** What ends a multishot timeout by itself. */
export interface TimeoutMultishotOptions {
  /** Ticks until it is over. 0, the default, is no end. */
  readonly count?: number | undefined;
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
  const flags = sqeFlagsOf(options);
  const { direct } = options;
  if (direct !== undefined && direct !== 'alloc') throw invalidArgType('options.direct', "'alloc'", direct);
  const fileIndex = fileIndexOf({ direct });
  return Entry.unsafe({
    opcode: IORING_OP_ACCEPT,
    flags,
    fd,
    ioprio: IORING_ACCEPT_MULTISHOT,
    opFlags: socketFlags(options.nonblock, fileIndex),
    fileIndex,
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
export function pollMultishot(fd: RawFd, events: PollEvents, options: EntryOptions = {}): Entry {
  requireFd(fd);
  requireBits(events, 'events');
  const flags = sqeFlagsOf(options);
  return Entry.unsafe({ opcode: IORING_OP_POLL_ADD, flags, fd, len: IORING_POLL_ADD_MULTI, opFlags: events });
}

/**
 * Receives again and again, each time into a buffer that the kernel selects once something has arrived.
 * Over with a receive of 0 bytes, which is the end of a stream.
 *
 * For `driver.multishot`. Linux 6.0; io_uring_enter(2), IORING_OP_RECV.
 *
 * @param buffers a buffer ring of the same driver
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
 */
export function recvMultishot(fd: RawFd, buffers: BufferGroup, options: RecvMultishotOptions = {}): Entry {
  requireFd(fd);
  requireBufferGroup(buffers);
  const sqeFlags = sqeFlagsOf(options);
  const { flags = 0 } = options;
  requireBits(flags, 'options.flags');
  return Entry.unsafe({
    opcode: IORING_OP_RECV,
    flags: IOSQE_BUFFER_SELECT | sqeFlags,
    fd,
    ioprio: IORING_RECV_MULTISHOT,
    opFlags: flags,
    bufIndex: buffers.group,
  });
}

/**
 * Reads again and again, each time into a buffer that the kernel selects once there is something to read:
 * from what can be polled, such as a pipe. Over with a read of 0 bytes.
 *
 * For `driver.multishot`. Fails with EBADFD for what cannot be polled. Linux 6.7; io_uring_enter(2),
 * IORING_OP_READ_MULTISHOT.
 *
 * @param buffers a buffer ring of the same driver
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
 */
export function readMultishot(fd: RawFd, buffers: BufferGroup, options: EntryOptions = {}): Entry {
  requireFd(fd);
  requireBufferGroup(buffers);
  return Entry.unsafe({
    opcode: IORING_OP_READ_MULTISHOT,
    flags: IOSQE_BUFFER_SELECT | sqeFlagsOf(options),
    fd,
    off: -1,
    bufIndex: buffers.group,
  });
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
