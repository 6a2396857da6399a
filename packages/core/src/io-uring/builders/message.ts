import { types } from 'node:util';
import { checkObject, invalidArgType } from '../../errors/argument-error.js';
import type { RawFd } from '../../values/raw-fd.js';
import { encodeSocketAddress, type SocketAddressInput } from '../../values/socket-address.js';
import { type Pointer, readStruct } from '../attachment.js';
import { Entry, MemoryAccess } from '../entry.js';
import { MSG_CMSG_CLOEXEC, MSG_NOSIGNAL, MSG_TRUNC } from '../flags/message.js';
import { IORING_OP_RECVMSG, IORING_OP_SENDMSG, IORING_OP_SENDMSG_ZC } from '../opcodes.js';
import { type ControlMessage, encodeControl, rightsOf } from '../results/control-message.js';
import { MessageResult, messageStruct } from '../results/message-result.js';
import { MSGHDR, MSGHDR_SIZE, writeWord } from '../results/msghdr.js';
import { requireBits, requireFd, requireResult, requireVectors } from './check.js';
import { type RecvEntryOptions, socketFieldsOf } from './options.js';

/** A message to send. */
export interface MessageToSend {
  /** The bytes, in 1 to 1024 pieces. Descriptors need at least one byte with them on a stream. */
  readonly buffers: readonly ArrayBufferView[];
  /** Where to send it, on a socket that is not connected. */
  readonly address?: SocketAddressInput | undefined;
  /** Descriptors of which the receiver gets duplicates (unix(7), SCM_RIGHTS). Keep them open until the promise settled. */
  readonly fds?: readonly RawFd[] | undefined;
  /** Other control messages (cmsg(3)). */
  readonly control?: readonly ControlMessage[] | undefined;
}

/** How a message is sent or received. */
export interface MessageEntryOptions extends RecvEntryOptions {}

const { KernelReads, KernelWrites } = MemoryAccess;

/**
 * Sends a message, with descriptors if there are any, never with a SIGPIPE, as sendmsg(2).
 *
 * Resolves to the bytes sent, which may be fewer on a stream; what goes beside them went with the first.
 * Rejects with EPIPE, EMSGSIZE, ETOOMANYREFS and the others of sendmsg(2).
 * Linux 5.3; io_uring_enter(2), IORING_OP_SENDMSG.
 *
 * @throws ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE, ERR_OUT_OF_RANGE
 */
export function sendmsg(fd: RawFd, message: MessageToSend, options: MessageEntryOptions = {}): Entry {
  return sending(IORING_OP_SENDMSG, fd, message, options);
}

/**
 * Sends a message without a copy of its bytes, where the network allows.
 *
 * Resolves as {@link sendmsg} once the kernel let go of the memory; see `sendZc`. Descriptors cannot go with it.
 * Linux 6.1; io_uring_enter(2), IORING_OP_SENDMSG_ZC.
 *
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
 */
export function sendmsgZc(fd: RawFd, message: MessageToSend, options: MessageEntryOptions = {}): Entry {
  return sending(IORING_OP_SENDMSG_ZC, fd, message, options);
}

function sending(opcode: number, fd: RawFd, message: MessageToSend, options: MessageEntryOptions): Entry {
  requireFd(fd);
  const fields = socketFieldsOf(options);
  checkObject(message, 'message');
  const { buffers, address, fds = [], control = [] } = message;
  const views = requireVectors(buffers, 'message.buffers');
  const pointers: Pointer[] = [{ at: MSGHDR.vectors, to: { kind: 'vectors', views, access: KernelReads } }];
  const header = new Uint8Array(MSGHDR_SIZE);
  const words = new DataView(header.buffer);
  writeWord(words, MSGHDR.vectorCount, views.length);
  if (address !== undefined) {
    const bytes = encodeSocketAddress(address).slice();
    words.setUint32(MSGHDR.nameLength, bytes.length, true);
    pointers.push({ at: MSGHDR.name, to: readStruct(bytes) });
  }
  const beside = encodeControl([...(fds.length > 0 ? [rightsOf(fds, 'message.fds')] : []), ...checkControl(control)]);
  if (beside.length > 0) {
    writeWord(words, MSGHDR.controlLength, beside.length);
    pointers.push({ at: MSGHDR.control, to: readStruct(beside) });
  }
  return Entry.unsafe({
    ...fields,
    opcode,
    fd,
    len: 1,
    opFlags: fields.opFlags | MSG_NOSIGNAL,
    attached: { addr: readStruct(header, pointers) },
  });
}

/**
 * Receives a message, as recvmsg(2), with who sent it and the descriptors that came with it.
 *
 * Resolves to the bytes received, 0 at the end of a stream; with MSG_TRUNC in the flags, to a datagram's whole
 * length. `result` tells the rest then. Where it rejects with ERR_POLYRING_BUFFER_GONE the bytes are lost, but `result` is
 * filled all the same, and its descriptors have to be closed. Linux 5.3; io_uring_enter(2), IORING_OP_RECVMSG.
 *
 * @param buffers where the bytes go, in 1 to 1024 pieces
 * @param result is filled when the promise settles, unless the operation failed
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
 */
export function recvmsg(
  fd: RawFd,
  buffers: readonly ArrayBufferView[],
  result: MessageResult,
  options: MessageEntryOptions = {},
): Entry {
  requireFd(fd);
  const fields = socketFieldsOf(options);
  const views = requireVectors(buffers, 'buffers');
  requireResult(result, MessageResult, 'MessageResult');
  // The result may then count bytes that were thrown away.
  const resultIsLength = (fields.opFlags & MSG_TRUNC) === 0;
  const vectors = { kind: 'vectors', views, access: KernelWrites, resultIsLength } as const;
  return Entry.unsafe({
    ...fields,
    opcode: IORING_OP_RECVMSG,
    fd,
    len: 1,
    opFlags: fields.opFlags | MSG_CMSG_CLOEXEC,
    attached: { addr: messageStruct(result, vectors, views.length) },
  });
}

function checkControl(messages: readonly ControlMessage[]): readonly ControlMessage[] {
  if (!Array.isArray(messages)) throw invalidArgType('message.control', 'an instance of Array', messages);
  for (const [index, message] of messages.entries()) {
    checkObject(message, `message.control[${index}]`);
    const { level, type, data } = message;
    requireBits(level, `message.control[${index}].level`);
    requireBits(type, `message.control[${index}].type`);
    if (!types.isUint8Array(data)) throw invalidArgType(`message.control[${index}].data`, 'a Uint8Array', data);
  }
  return messages;
}
