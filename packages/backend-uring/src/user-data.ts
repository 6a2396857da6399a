import {
  type Entry,
  IORING_OP_ACCEPT,
  IORING_OP_FIXED_FD_INSTALL,
  IORING_OP_OPENAT,
  IORING_OP_OPENAT2,
  IORING_OP_RECV,
  IORING_OP_SEND,
  IORING_OP_SOCKET,
} from '@polyring/core';

/** The bits of user_data's high half that hold a slot's generation. The same in ring.cc. */
export const GENERATION_MASK = 0x1fffffff;

/**
 * The bit of user_data's high half that says: the result is a descriptor, or an error. The addon closes what such
 * completions bring when nobody is left to receive them, at the end of an environment or of a ring that failed.
 * The same in ring.cc.
 */
export const RESULT_IS_DESCRIPTOR = 1 << 31;

/** The bits that say of an operation what it does with its socket. */
export const IS_SEND = 1 << 30;
export const IS_RECEIVE = 1 << 29;

const BITS = new Int32Array(256);
for (const opcode of [
  IORING_OP_ACCEPT,
  IORING_OP_OPENAT,
  IORING_OP_OPENAT2,
  IORING_OP_SOCKET,
  IORING_OP_FIXED_FD_INSTALL,
]) {
  BITS[opcode] = RESULT_IS_DESCRIPTOR;
}
BITS[IORING_OP_SEND] = IS_SEND;
BITS[IORING_OP_RECV] = IS_RECEIVE;

/** The high half of an operation's user_data; the low half is the slot. A direct descriptor is a slot of a table. */
export function userDataHigh({ opcode, fileIndex }: Entry, generation: number): number {
  const bits = BITS[opcode] as number;
  return bits === RESULT_IS_DESCRIPTOR && fileIndex !== 0 ? generation : generation | bits;
}
