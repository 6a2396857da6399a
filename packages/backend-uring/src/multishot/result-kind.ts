import {
  type Entry,
  IORING_OP_READ,
  IORING_OP_READ_MULTISHOT,
  IORING_OP_RECV,
  IORING_OP_RECVMSG,
  SELECTED_MESSAGE_HEAD,
} from '@polyring/core';
import type { ProvidedBufferRing } from '../buffer-ring/buffer-ring.js';
import type { Files } from '../files/files.js';
import { hasDatagrams } from '../files/socket-type.js';
import { DescriptorCompletion, type DescriptorOwner, RingCompletion } from './completion.js';
import type { MultishotOperation } from './operation.js';

/** What becomes of the results of an operation that completes again and again. */
export interface ResultKind {
  /** The operation was made. Throws if it cannot be. */
  begun(operation: MultishotOperation): void;
  /** The operation is over. */
  ended(operation: MultishotOperation): void;
  /** What is told of a completion, with what was made by it. */
  completionOf(result: number, flags: number): RingCompletion;
  /** Whether the result of a terminal completion says that nothing more will come. */
  isEnd(result: number, entry: Entry): boolean;
  /** Calls back once there are buffers again; undefined where none are selected. */
  readonly whenRefilled: ((again: () => void) => void) | undefined;
}

/** Results that stand for themselves. */
export const PLAIN: ResultKind = {
  begun: () => {},
  ended: () => {},
  completionOf: (result, flags) => new RingCompletion(result, flags),
  isEnd: () => false,
  whenRefilled: undefined,
};

/** Results that are descriptors. */
export class DescriptorKind implements ResultKind {
  readonly whenRefilled = undefined;
  readonly #descriptors: DescriptorOwner;

  constructor(descriptors: DescriptorOwner) {
    this.#descriptors = descriptors;
  }

  begun(): void {}

  ended(): void {}

  completionOf(result: number, flags: number): RingCompletion {
    return result < 0 ? new RingCompletion(result, flags) : new DescriptorCompletion(result, flags, this.#descriptors);
  }

  isEnd(): boolean {
    return false;
  }
}

/** Operations for which 0 bytes are the end of a stream, unless they come as a datagram. */
const STREAM_OPCODES: ReadonlySet<number> = new Set([
  IORING_OP_READ,
  IORING_OP_READ_MULTISHOT,
  IORING_OP_RECV,
  IORING_OP_RECVMSG,
]);

/** Results that are bytes in a buffer that the kernel selected. */
export class BufferKind implements ResultKind {
  readonly whenRefilled: (again: () => void) => void;
  readonly #ring: ProvidedBufferRing;
  readonly #files: Pick<Files, 'socketTypeOf'>;

  constructor(ring: ProvidedBufferRing, files: Pick<Files, 'socketTypeOf'>) {
    this.#ring = ring;
    this.#files = files;
    this.whenRefilled = ring.whenRefilled;
  }

  begun(operation: MultishotOperation): void {
    this.#ring.use(operation);
  }

  ended(operation: MultishotOperation): void {
    this.#ring.unuse(operation);
  }

  completionOf(result: number, flags: number): RingCompletion {
    return this.#ring.completionOf(result, flags);
  }

  isEnd(result: number, entry: Entry): boolean {
    const { opcode } = entry;
    const empty = opcode === IORING_OP_RECVMSG ? SELECTED_MESSAGE_HEAD : 0;
    return result === empty && STREAM_OPCODES.has(opcode) && !hasDatagrams(this.#files.socketTypeOf(entry));
  }
}
