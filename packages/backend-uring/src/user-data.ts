import {
  type Entry,
  IORING_OP_ACCEPT,
  IORING_OP_FIXED_FD_INSTALL,
  IORING_OP_OPENAT,
  IORING_OP_OPENAT2,
  IORING_OP_SOCKET,
} from '@polyring/core';

/** The bits of user_data's high half that hold a slot's generation. */
export const GENERATION_MASK = 0x7fffffff;

/**
 * The bit of user_data's high half that says: the result is a descriptor, or an error. The addon closes what such
 * completions bring when nobody is left to receive them, at the end of an environment or of a ring that failed.
 * The same in ring.cc.
 */
export const RESULT_IS_DESCRIPTOR = 1 << 31;

const OPENING = new Set([
  IORING_OP_ACCEPT,
  IORING_OP_OPENAT,
  IORING_OP_OPENAT2,
  IORING_OP_SOCKET,
  IORING_OP_FIXED_FD_INSTALL,
]);
const OPENS = Array.from({ length: 256 }, (_, opcode) => OPENING.has(opcode));

/** The high half of an operation's user_data; the low half is the slot. A direct descriptor is a slot of a table. */
export function userDataHigh(entry: Entry, generation: number): number {
  return OPENS[entry.opcode] === true && entry.fileIndex === 0 ? generation | RESULT_IS_DESCRIPTOR : generation;
}
