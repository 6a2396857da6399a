import { flag } from '../../errors/argument-error.js';
import type { RawFd } from '../../values/raw-fd.js';
import { encodeSocketAddress, type SocketAddressInput } from '../../values/socket-address.js';
import { readStruct } from '../attachment.js';
import { Entry, MemoryAccess, makeEntry, makeRareEntry } from '../entry.js';
import { MSG_NOSIGNAL, MSG_TRUNC } from '../flags/message.js';
import { IORING_RECV_MULTISHOT, IORING_RECVSEND_FIXED_BUF } from '../flags/socket.js';
import { IORING_OP_RECV, IORING_OP_RECV_ZC, IORING_OP_SEND, IORING_OP_SEND_ZC } from '../opcodes.js';
import { requireBits, requireBuffer, requireCount, requireFd } from './check.js';
import { type RecvEntryOptions, socketFieldsOf } from './options.js';

/** How bytes are sent. */
export interface SendEntryOptions extends RecvEntryOptions {
  /** Where to, on a socket that is not connected. Linux 6.1, without a copy 6.0. */
  readonly address?: SocketAddressInput | undefined;
}

/** How bytes are sent without a copy. */
export interface SendZcEntryOptions extends SendEntryOptions {
  /**
   * Uses the memory as a registered buffer, which spares the kernel looking up its pages. Worth it for memory of
   * `driver.allocate`; any other is copied into registered memory of the driver. False by default.
   */
  readonly registered?: boolean | undefined;
}

const { KernelReads, KernelWrites } = MemoryAccess;

/**
 * Receives from a socket, as recv(2).
 *
 * Resolves to the bytes received, 0 at the end of a stream. On a socket without O_NONBLOCK the promise waits for them.
 * Rejects with ECONNRESET, ENOTCONN and the others of recv(2). Without MSG_WAITALL what is linked behind it runs however few came.
 * Linux 5.6; io_uring_enter(2), IORING_OP_RECV.
 *
 * @param buffer as for `read`
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
 */
export function recv(fd: RawFd, buffer: ArrayBufferView, options?: RecvEntryOptions): Entry {
  requireFd(fd);
  const length = requireBuffer(buffer);
  if (options === undefined) {
    return makeEntry(IORING_OP_RECV, 0, fd, 0, length, 0, buffer, KernelWrites);
  }
  const fields = socketFieldsOf(options);
  // The result may then count bytes that were thrown away.
  const resultIsLength = (fields.opFlags & MSG_TRUNC) === 0;
  return Entry.unsafe({
    ...fields,
    opcode: IORING_OP_RECV,
    fd,
    len: length,
    attached: { addr: { kind: 'bytes', view: buffer, length, access: KernelWrites, resultIsLength } },
  });
}

/**
 * Sends on a socket, never with a SIGPIPE, as send(2); with an address as sendto(2).
 *
 * Resolves to the bytes sent, which may be fewer on a stream. Without MSG_WAITALL what is linked behind it runs all the same.
 * Rejects with EPIPE, ECONNRESET, EMSGSIZE and the others of send(2). Linux 5.6; io_uring_enter(2), IORING_OP_SEND.
 *
 * @param buffer as for `write`
 * @throws ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE, ERR_OUT_OF_RANGE
 */
export function send(fd: RawFd, buffer: ArrayBufferView, options?: SendEntryOptions): Entry {
  requireFd(fd);
  const length = requireBuffer(buffer);
  if (options === undefined) {
    return makeEntry(IORING_OP_SEND, 0, fd, 0, length, MSG_NOSIGNAL, buffer, KernelReads);
  }
  return sending(IORING_OP_SEND, fd, buffer, length, 0, options);
}

/**
 * Sends on a socket without a copy, where the network allows, as send(2) with MSG_ZEROCOPY.
 *
 * Resolves to the bytes sent once the kernel let go of the memory, which may take until the other end acknowledged
 * them. Rejects as {@link send}, and with ENOTSUP for sockets that cannot, such as those of unix(7).
 * Linux 6.0; io_uring_enter(2), IORING_OP_SEND_ZC.
 *
 * @param buffer memory of `driver.allocate` goes out in place; any other is copied first, and gains nothing
 * @throws ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE, ERR_OUT_OF_RANGE
 */
export function sendZc(fd: RawFd, buffer: ArrayBufferView, options: SendZcEntryOptions = {}): Entry {
  requireFd(fd);
  const length = requireBuffer(buffer);
  const ioprio = flag(options, 'registered', false) ? IORING_RECVSEND_FIXED_BUF : 0;
  return sending(IORING_OP_SEND_ZC, fd, buffer, length, ioprio, options);
}

function sending(
  opcode: number,
  fd: RawFd,
  buffer: ArrayBufferView,
  length: number,
  ioprio: number,
  options: SendEntryOptions,
): Entry {
  const fields = socketFieldsOf(options);
  const to = options.address === undefined ? undefined : encodeSocketAddress(options.address).slice();
  const registered = (ioprio & IORING_RECVSEND_FIXED_BUF) !== 0;
  return Entry.unsafe({
    opcode,
    flags: fields.flags,
    ioprio: fields.ioprio | ioprio,
    fd,
    len: length,
    opFlags: fields.opFlags | MSG_NOSIGNAL,
    // `addr_len` is the low half of the field.
    fileIndex: to?.length ?? 0,
    attached: {
      addr: { kind: 'bytes', view: buffer, length, access: KernelReads, registered },
      off: to && readStruct(to),
    },
  });
}

/**
 * Receives again and again into memory that the network card fills. For `driver.multishot`.
 *
 * It needs a card that splits headers from data and has a queue set up for the ring (IORING_REGISTER_ZCRX_IFQ), and a
 * ring with completions of 32 bytes: no driver of this library sets one up, so that the kernel answers EINVAL.
 * Linux 6.15; io_uring_enter(2), IORING_OP_RECV_ZC.
 *
 * @param queue the number of the interface queue
 * @param length the most bytes to receive in all; 0, the default, is no end
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
 */
export function recvZc(fd: RawFd, queue: number, length = 0): Entry {
  requireFd(fd);
  requireCount(queue, 'queue');
  requireBits(length, 'length');
  return makeRareEntry({
    opcode: IORING_OP_RECV_ZC,
    ioprio: IORING_RECV_MULTISHOT,
    fd,
    len: length,
    fileIndex: queue,
  });
}
