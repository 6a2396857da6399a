import { checkFd, invalidArgType, outOfRange } from '../../errors/argument-error.js';
import type { RawFd } from '../../values/raw-fd.js';
import { SOL_SOCKET } from '../../values/socket-option.js';
import { writeWord } from './msghdr.js';

/** A control message (cmsg(3)): what passes beside the bytes of a message. */
export interface ControlMessage {
  /** The protocol, such as SOL_SOCKET. */
  readonly level: number;
  /** The type, such as SCM_RIGHTS. */
  readonly type: number;
  readonly data: Uint8Array;
}

/** The most descriptors that one message carries: the kernel's SCM_MAX_FD. */
export const MAXIMUM_MESSAGE_FDS = 253;

/** The control message of descriptors, of the level SOL_SOCKET. */
export const SCM_RIGHTS = 1;

/** The bytes of `struct cmsghdr`, and what messages are aligned to, on machines of 64 bits. */
const HEADER_SIZE = 16;
const ALIGNMENT = 8;
const LEVEL = 8;
const TYPE = 12;

/** The bytes that a control message takes with `length` bytes of data: CMSG_SPACE. */
export function controlSpace(length: number): number {
  return HEADER_SIZE + Math.ceil(length / ALIGNMENT) * ALIGNMENT;
}

/** The bytes of a control message with `length` bytes of data, without what aligns the next one: CMSG_LEN. */
export function controlLengthOf(length: number): number {
  return HEADER_SIZE + length;
}

/** The control message that passes descriptors. */
export function rightsOf(fds: readonly RawFd[], name: string): ControlMessage {
  if (!Array.isArray(fds)) throw invalidArgType(name, 'an instance of Array', fds);
  if (fds.length > MAXIMUM_MESSAGE_FDS) throw outOfRange(`${name}.length`, `<= ${MAXIMUM_MESSAGE_FDS}`, fds.length);
  for (const [index, fd] of fds.entries()) checkFd(fd, `${name}[${index}]`);
  return { level: SOL_SOCKET, type: SCM_RIGHTS, data: new Uint8Array(Int32Array.from(fds).buffer) };
}

/** The bytes of control messages. */
export function encodeControl(messages: readonly ControlMessage[]): Uint8Array {
  const bytes = new Uint8Array(messages.reduce((sum, { data }) => sum + controlSpace(data.length), 0));
  const fields = new DataView(bytes.buffer);
  let at = 0;
  for (const { level, type, data } of messages) {
    writeWord(fields, at, controlLengthOf(data.length));
    fields.setInt32(at + LEVEL, level, true);
    fields.setInt32(at + TYPE, type, true);
    bytes.set(data, at + HEADER_SIZE);
    at += controlSpace(data.length);
  }
  return bytes;
}

/** The control messages in bytes that the kernel filled. */
export function decodeControl(bytes: Uint8Array): ControlMessage[] {
  const fields = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const messages: ControlMessage[] = [];
  for (let at = 0; at + HEADER_SIZE <= bytes.length; ) {
    const length = Number(fields.getBigUint64(at, true));
    if (length < HEADER_SIZE || at + length > bytes.length) break;
    messages.push({
      level: fields.getInt32(at + LEVEL, true),
      type: fields.getInt32(at + TYPE, true),
      data: bytes.slice(at + HEADER_SIZE, at + length),
    });
    at += controlSpace(length - HEADER_SIZE);
  }
  return messages;
}
