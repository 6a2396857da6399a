import {
  IORING_OP_ACCEPT,
  IORING_OP_FIXED_FD_INSTALL,
  IORING_OP_OPENAT,
  IORING_OP_OPENAT2,
  IORING_OP_RECV,
  IORING_OP_SEND,
  IORING_OP_SOCKET,
} from '@polyring/core';
import type { Operation } from './operation.js';

/** The bits of user_data's high half that hold a slot's generation. The same in ring.cc. */
export const GENERATION_MASK = 0x1fffffff;

/**
 * The bit of user_data's high half that says: the result is a descriptor, or an error. The addon closes what such
 * completions bring when nobody is left to receive them, at the end of an environment or of a ring that failed.
 * The same in ring.cc.
 */
export const RESULT_IS_DESCRIPTOR = 1 << 31;

/** The bit of user_data's high half that says: it is the send of a sender, which may be told of a little later. */
export const IS_SEND = 1 << 30;

/** The bit of user_data's high half that says: it receives, so a send of the same socket is told of before. */
export const IS_RECEIVE = 1 << 29;

/** Descriptors from which on a send is told of where it stands in the CQ: a table of all is kept. */
const MOST_SOCKETS = 2 ** 20;

const OPENING = [IORING_OP_ACCEPT, IORING_OP_OPENAT, IORING_OP_OPENAT2, IORING_OP_SOCKET, IORING_OP_FIXED_FD_INSTALL];

/** The bit that an operation of an opcode may have. Most have none, and are looked at no further. */
const BITS = new Int32Array(256);
for (const opcode of OPENING) BITS[opcode] = RESULT_IS_DESCRIPTOR;
BITS[IORING_OP_SEND] = IS_SEND;
BITS[IORING_OP_RECV] = IS_RECEIVE;

/** The high half of an operation's user_data; the low half is the slot. */
export function userDataHigh(operation: Operation, generation: number): number {
  const bit = BITS[operation.entry.opcode] as number;
  return bit !== 0 && mayHave(bit, operation) ? generation | bit : generation;
}

function mayHave(bit: number, { entry, ofSender }: Operation): boolean {
  // A direct descriptor is a slot of a table.
  if (bit === RESULT_IS_DESCRIPTOR) return entry.fileIndex === 0;
  if (bit === IS_SEND && !ofSender) return false;
  return entry.fd >= 0 && entry.fd < MOST_SOCKETS;
}
