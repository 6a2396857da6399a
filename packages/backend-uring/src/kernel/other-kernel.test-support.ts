import { IORING_REGISTER_PROBE, PROBE_HEAD_SIZE, PROBE_OPCODE_SIZE } from './abi.js';
import { type Binding, loadBinding, type NativeRing } from './binding.js';

/** What a kernel answers to io_uring_register(2); undefined for what this one does. */
export type Answer = (code: number, argument: NodeJS.TypedArray | null) => number | undefined;

/** The addon on a kernel that answers some calls of io_uring_register(2) otherwise, and whose opcodes end earlier. */
export function kernelThat(
  answers: Answer,
  { opcodes = 256, features }: { opcodes?: number; features?: number } = {},
): Binding {
  const { Ring, addressOf } = loadBinding();
  class OtherRing extends Ring {
    override readonly features = features ?? super.features;

    override register(code: number, argument: NodeJS.TypedArray | null, count: number): number {
      const answer = answers(code, argument);
      if (answer !== undefined) return answer;
      const result = super.register(code, argument, count);
      if (code === IORING_REGISTER_PROBE && argument !== null) {
        new Uint8Array(argument.buffer).fill(0, PROBE_HEAD_SIZE + opcodes * PROBE_OPCODE_SIZE);
      }
      return result;
    }
  }
  return { Ring: OtherRing as new (...sizes: [number, number, number]) => NativeRing, addressOf };
}
