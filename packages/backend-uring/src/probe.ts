import {
  IO_URING_OP_SUPPORTED,
  IORING_REGISTER_PROBE,
  PROBE_HEAD_SIZE,
  PROBE_OPCODE_SIZE,
  PROBE_OPCODES,
} from './abi.js';
import type { NativeRing } from './binding.js';

/** Asks the kernel which opcodes it supports. Index is the opcode. Empty if it does not tell. */
export function probeOpcodes(native: NativeRing): readonly boolean[] {
  const answer = new Uint8Array(PROBE_HEAD_SIZE + PROBE_OPCODES * PROBE_OPCODE_SIZE);
  if (native.register(IORING_REGISTER_PROBE, answer, PROBE_OPCODES) < 0) return [];
  return Array.from({ length: PROBE_OPCODES }, (_, opcode) => {
    const flags = answer[PROBE_HEAD_SIZE + opcode * PROBE_OPCODE_SIZE + 2] as number;
    return (flags & IO_URING_OP_SUPPORTED) !== 0;
  });
}
