import { systemError } from '@polyring/core';
import {
  IO_URING_OP_SUPPORTED,
  IORING_REGISTER_PROBE,
  PROBE_HEAD_SIZE,
  PROBE_OPCODE_SIZE,
  PROBE_OPCODES,
} from './abi.js';
import type { NativeRing } from './binding.js';
import { register } from './register.js';

/**
 * Makes the two calls on a ring that setting it up has not made. A filter may refuse them alone.
 *
 * @throws the system error of io_uring_enter(2) or io_uring_register(2)
 */
export function tryCalls(native: NativeRing): void {
  const entered = native.enter(0, 0, 0);
  if (entered < 0) throw systemError(entered, 'io_uring_enter');
  probeOpcodes(native);
}

/**
 * Asks the kernel which opcodes it supports. Index is the opcode.
 *
 * @throws the system error of io_uring_register(2)
 */
export function probeOpcodes(native: NativeRing): readonly boolean[] {
  const answer = new Uint8Array(PROBE_HEAD_SIZE + PROBE_OPCODES * PROBE_OPCODE_SIZE);
  register(native, IORING_REGISTER_PROBE, answer, PROBE_OPCODES);
  return Array.from({ length: PROBE_OPCODES }, (_, opcode) => {
    const flags = answer[PROBE_HEAD_SIZE + opcode * PROBE_OPCODE_SIZE + 2] as number;
    return (flags & IO_URING_OP_SUPPORTED) !== 0;
  });
}
