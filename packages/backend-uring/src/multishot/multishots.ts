import {
  type CompletionSink,
  type Entry,
  IORING_ACCEPT_MULTISHOT,
  IORING_OP_ACCEPT,
  IORING_OP_POLL_ADD,
  IORING_OP_READ_MULTISHOT,
  IORING_OP_RECV,
  IORING_OP_RECVMSG,
  IORING_OP_TIMEOUT,
  IORING_POLL_ADD_MULTI,
  IORING_RECV_MULTISHOT,
  IORING_TIMEOUT_MULTISHOT,
  type IoUringFeature,
  type LoopHold,
  type MultishotControl,
  type PolyringError,
} from '@polyring/core';
import type { Engine } from '../engine.js';
import type { KernelFeatures } from '../features.js';
import type { CustodyMemory } from '../memory/bounce.js';
import { Custody } from '../memory/custody.js';
import { type DescriptorOwner, MadeDescriptor } from './completion.js';
import { type MultishotHost, MultishotOperation, type ResultKind } from './operation.js';

/** The multishot operations of a driver. */
export class Multishots implements MultishotHost {
  readonly engine: Engine;
  readonly hold: LoopHold;
  readonly #memory: CustodyMemory;
  readonly #descriptors: DescriptorOwner;
  readonly #features: KernelFeatures;
  readonly #idle = new Set<MultishotOperation>();

  constructor(parts: {
    engine: Engine;
    hold: LoopHold;
    memory: CustodyMemory;
    descriptors: DescriptorOwner;
    features: KernelFeatures;
  }) {
    this.engine = parts.engine;
    this.hold = parts.hold;
    this.#memory = parts.memory;
    this.#descriptors = parts.descriptors;
    this.#features = parts.features;
  }

  /** Starts an operation, whose entry was checked. Throws, and holds nothing then, if its memory cannot be taken. */
  start(entry: Entry, sink: CompletionSink): MultishotControl {
    const feature = featureOf(entry);
    if (feature !== undefined) this.#features.require(feature);
    const custody = new Custody(this.#memory);
    const operation = new MultishotOperation(entry, { host: this, sink, kind: this.#kindOf(entry), custody });
    operation.start();
    return operation;
  }

  /** Tells the operations that are not in flight that the driver has ended. Part of the drain that ends it. */
  endIdle(): void {
    const error = this.endError();
    if (error === undefined) return;
    for (const operation of [...this.#idle]) operation.end(error);
  }

  endError(): Error | undefined {
    try {
      this.engine.checkOpen();
      return undefined;
    } catch (error) {
      return error as PolyringError;
    }
  }

  idle(operation: MultishotOperation): void {
    this.#idle.add(operation);
  }

  busy(operation: MultishotOperation): void {
    this.#idle.delete(operation);
  }

  #kindOf(entry: Entry): ResultKind {
    return entry.opcode === IORING_OP_ACCEPT ? new AcceptKind(this.#descriptors) : PLAIN;
  }
}

/** What the kernel must have for an entry, by the flag that makes it a multishot. */
function featureOf({ opcode, ioprio, len, opFlags }: Entry): IoUringFeature | undefined {
  switch (opcode) {
    case IORING_OP_ACCEPT:
      return (ioprio & IORING_ACCEPT_MULTISHOT) === 0 ? undefined : 'acceptMultishot';
    case IORING_OP_POLL_ADD:
      return (len & IORING_POLL_ADD_MULTI) === 0 ? undefined : 'pollMultishot';
    case IORING_OP_TIMEOUT:
      return (opFlags & IORING_TIMEOUT_MULTISHOT) === 0 ? undefined : 'timeoutMultishot';
    case IORING_OP_RECV:
    case IORING_OP_RECVMSG:
      return (ioprio & IORING_RECV_MULTISHOT) === 0 ? undefined : 'recvMultishot';
    case IORING_OP_READ_MULTISHOT:
      return 'readMultishot';
    default:
      return undefined;
  }
}

/** Results that stand for themselves. */
const PLAIN: ResultKind = {
  productOf: () => undefined,
  isEnd: () => false,
  whenRefilled: undefined,
};

/** Results that are descriptors. */
class AcceptKind implements ResultKind {
  readonly whenRefilled = undefined;
  readonly #descriptors: DescriptorOwner;

  constructor(descriptors: DescriptorOwner) {
    this.#descriptors = descriptors;
  }

  productOf(fd: number): MadeDescriptor {
    return new MadeDescriptor(fd, this.#descriptors);
  }

  isEnd(): boolean {
    return false;
  }
}
