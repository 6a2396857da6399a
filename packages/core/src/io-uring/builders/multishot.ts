import { checkObject, flag, invalidWord } from '../../errors/argument-error.js';
import { millisecondsOf } from '../../values/milliseconds.js';
import type { PollEvents } from '../../values/poll-events.js';
import type { RawFd } from '../../values/raw-fd.js';
import { SOCKADDR_SIZE } from '../../values/socket-address.js';
import { readStruct } from '../attachment.js';
import { Entry, type EntryFields, MemoryAccess, makeRareEntry } from '../entry.js';
import { IORING_POLL_ADD_MULTI } from '../flags/poll.js';
import { IORING_ACCEPT_MULTISHOT, IORING_RECV_MULTISHOT } from '../flags/socket.js';
import { IOSQE_BUFFER_SELECT } from '../flags/sqe.js';
import { IORING_TIMEOUT_MULTISHOT } from '../flags/timeout.js';
import {
  IORING_OP_ACCEPT,
  IORING_OP_POLL_ADD,
  IORING_OP_READ_MULTISHOT,
  IORING_OP_RECV,
  IORING_OP_RECVMSG,
  IORING_OP_TIMEOUT,
} from '../opcodes.js';
import { MSGHDR, MSGHDR_SIZE } from '../results/msghdr.js';
import { MAXIMUM_TRANSFER, requireBits, requireBufferGroup, requireCount, requireFd } from './check.js';
import { type EntryOptions, fileIndexOf, socketFlags, sqeFlagsOf } from './options.js';
import { timespecOf } from './timeout.js';

/** How connections are accepted. */
export interface AcceptMultishotOptions extends EntryOptions {
  /** O_NONBLOCK of the connections. True by default. */
  readonly nonblock?: boolean | undefined;
  /** Puts the connections into free slots among the registered files, whose numbers are the results. */
  readonly direct?: 'alloc' | undefined;
}

/**
 * The group of buffers that the kernel selects from: a `BufferRing` of the same driver. `driver.multishot` throws ENOBUFS for
 * a group that the driver does not have; before Linux 6.8 it rejects with that once something has arrived.
 */
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
 * @throws ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE, ERR_OUT_OF_RANGE
 */
export function acceptMultishot(fd: RawFd, options: AcceptMultishotOptions = {}): Entry {
  requireFd(fd);
  const flags = sqeFlagsOf(options);
  const { direct } = options;
  if (direct !== undefined && direct !== 'alloc') throw invalidWord('options.direct', ['alloc'], direct);
  const fileIndex = fileIndexOf({ direct });
  return makeRareEntry({
    opcode: IORING_OP_ACCEPT,
    flags,
    fd,
    ioprio: IORING_ACCEPT_MULTISHOT,
    opFlags: socketFlags(flag(options, 'nonblock', true), fileIndex),
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
  return makeRareEntry({ opcode: IORING_OP_POLL_ADD, flags, fd, len: IORING_POLL_ADD_MULTI, opFlags: events });
}

/**
 * Receives again and again, each time into a buffer that the kernel selects once something has arrived.
 * Over with a receive of 0 bytes, which is the end of a stream. Of a datagram the bytes are what found room in the buffer; with
 * MSG_TRUNC in the flags the result is its whole length all the same. Incremental rings refuse datagrams, and MSG_TRUNC.
 *
 * For `driver.multishot`. Linux 6.0; io_uring_enter(2), IORING_OP_RECV.
 *
 * @param buffers a buffer ring of the same driver
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
 */
export function recvMultishot(fd: RawFd, buffers: BufferGroup, options: RecvMultishotOptions = {}): Entry {
  return makeRareEntry({
    ...selectingFields(fd, buffers, options),
    opcode: IORING_OP_RECV,
    ioprio: IORING_RECV_MULTISHOT,
  });
}

/**
 * Receives once, into a buffer that the kernel selects once something has arrived.
 *
 * For `driver.multishot`, as the completion tells the buffer: the iteration has one completion, or none at the end of
 * a stream. Without a buffer it waits for one. A driver may refuse MSG_WAITALL before Linux 6.8 with
 * ERR_POLYRING_UNSUPPORTED, as Polyring's does: those kernels write behind the buffer.
 * Linux 5.19; io_uring_enter(2), IORING_OP_RECV, IOSQE_BUFFER_SELECT.
 *
 * @param buffers a buffer ring of the same driver
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
 */
export function recvSelected(fd: RawFd, buffers: BufferGroup, options: RecvMultishotOptions = {}): Entry {
  // The kernel takes no more than the buffer holds. Linux 5.19 would receive nothing where 0 stands for that.
  return makeRareEntry({ ...selectingFields(fd, buffers, options), opcode: IORING_OP_RECV, len: MAXIMUM_TRANSFER });
}

/** What receives into selected buffers have in common. */
function selectingFields(
  fd: RawFd,
  buffers: BufferGroup,
  options: RecvMultishotOptions,
): Pick<EntryFields, 'fd' | 'flags' | 'opFlags' | 'bufIndex'> {
  requireFd(fd);
  requireBufferGroup(buffers);
  const sqeFlags = sqeFlagsOf(options);
  const { flags = 0 } = options;
  requireBits(flags, 'options.flags');
  return { fd, flags: IOSQE_BUFFER_SELECT | sqeFlags, opFlags: flags, bufIndex: buffers.group };
}

/**
 * Receives one message after the other, each with its sender and into a buffer that the kernel selects once it has
 * arrived: for sockets that are not connected. `new SelectedMessage(completion.bytes)` takes it apart.
 * Over, on a stream, with a receive of 0 bytes.
 *
 * The buffers of the ring have to be larger than {@link SELECTED_MESSAGE_HEAD}, which is what stands before the bytes of
 * each message. Control messages are dropped, descriptors among them, as nobody could close those that are never looked at;
 * MSG_CTRUNC says so. Incremental rings refuse it.
 *
 * For `driver.multishot`. Linux 6.0; io_uring_enter(2), IORING_OP_RECVMSG.
 *
 * @param buffers a buffer ring of the same driver
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
 */
export function recvmsgMultishot(fd: RawFd, buffers: BufferGroup, options: RecvMultishotOptions = {}): Entry {
  const header = new Uint8Array(MSGHDR_SIZE);
  new DataView(header.buffer).setUint32(MSGHDR.nameLength, SOCKADDR_SIZE, true);
  return Entry.unsafe({
    ...selectingFields(fd, buffers, options),
    opcode: IORING_OP_RECVMSG,
    ioprio: IORING_RECV_MULTISHOT,
    len: 1,
    attached: { addr: readStruct(header) },
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
  return makeRareEntry({
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
  checkObject(options);
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
