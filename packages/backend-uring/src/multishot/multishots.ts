import {
  type CompletionSink,
  type Entry,
  Errno,
  IORING_OP_ACCEPT,
  IORING_OP_POLL_ADD,
  IORING_OP_RECV,
  IORING_OP_RECVMSG,
  IORING_OP_SEND,
  IORING_OP_TIMEOUT,
  IORING_RECVSEND_BUNDLE,
  IOSQE_BUFFER_SELECT,
  type LoopHold,
  MSG_TRUNC,
  type MultishotControl,
  opcodeName,
  opcodeSyscall,
  outOfRange,
  PolyringError,
  SELECTED_MESSAGE_HEAD,
  systemError,
} from '@polyring/core';
import type { ProvidedBufferRing } from '../buffer-ring/buffer-ring.js';
import type { BufferRings } from '../buffer-ring/buffer-rings.js';
import type { Engine } from '../engine/engine.js';
import type { Files } from '../files/files.js';
import { hasMessages } from '../files/socket-type.js';
import type { KernelFeatures, LaterFeature } from '../kernel/features.js';
import { Custody } from '../memory/custody.js';
import type { CustodyMemory } from '../memory/custody-memory.js';
import type { DescriptorOwner } from './completion.js';
import { type MultishotHost, MultishotOperation } from './operation.js';
import { BufferKind, DescriptorKind, PLAIN, type ResultKind } from './result-kind.js';

/** What {@link Multishots} need of their driver. */
export interface MultishotsParts {
  readonly engine: Engine;
  readonly hold: LoopHold;
  readonly memory: CustodyMemory;
  readonly descriptors: DescriptorOwner;
  readonly files: Files;
  readonly bufferRings: BufferRings;
  readonly features: KernelFeatures;
}

/** The multishot operations of a driver. */
export class Multishots implements MultishotHost {
  readonly engine: Engine;
  readonly hold: LoopHold;
  readonly #parts: MultishotsParts;
  /** One for all operations that select from a ring. */
  readonly #bufferKinds = new WeakMap<ProvidedBufferRing, BufferKind>();
  readonly #idle = new Set<MultishotOperation>();

  constructor(parts: MultishotsParts) {
    this.engine = parts.engine;
    this.hold = parts.hold;
    this.#parts = parts;
  }

  /** Starts an operation, whose entry was checked. Throws, and holds nothing then, if its memory cannot be taken. */
  start(entry: Entry, sink: CompletionSink): MultishotControl {
    if (!mayRepeat(entry)) throw onceOnly(entry);
    const feature = entry.multishot ? FEATURE_OF.get(entry.opcode) : undefined;
    if (feature !== undefined) this.#parts.features.require(feature);
    const kind = this.#kindOf(entry);
    const custody = Custody.isFor(entry) ? new Custody(this.#parts.memory) : undefined;
    const operation = new MultishotOperation(entry, { host: this, sink, kind, custody });
    operation.start();
    return operation;
  }

  /** Tells the operations that are not in flight that the driver has ended. Part of the drain that ends it. */
  endIdle(): void {
    const error = this.engine.refusal;
    if (error === undefined) return;
    for (const operation of [...this.#idle]) operation.end(error);
  }

  idle(operation: MultishotOperation): void {
    this.#idle.add(operation);
  }

  busy(operation: MultishotOperation): void {
    this.#idle.delete(operation);
  }

  #kindOf(entry: Entry): ResultKind {
    const { descriptors, files, bufferRings } = this.#parts;
    if (entry.opcode === IORING_OP_ACCEPT) return new DescriptorKind(entry.fileIndex === 0 ? descriptors : files);
    if ((entry.flags & IOSQE_BUFFER_SELECT) === 0) return PLAIN;
    if (BUNDLING.has(entry.opcode) && (entry.ioprio & IORING_RECVSEND_BUNDLE) !== 0) throw bundleError(entry);
    const ring = bufferRings.find(entry.bufIndex);
    if (ring === undefined) {
      // It would wait for a message, and then take a buffer of a group that was made meanwhile, which nobody gives back.
      if (!bufferRings.mayHave(entry.bufIndex)) throw systemError(Errno.ENOBUFS, opcodeSyscall(entry.opcode));
      return PLAIN;
    }
    if (entry.opcode === IORING_OP_RECVMSG && ring.bufferSize <= SELECTED_MESSAGE_HEAD) {
      const least = `more than ${SELECTED_MESSAGE_HEAD}, which is what stands before a message's bytes`;
      throw outOfRange('buffers.bufferSize', least, ring.bufferSize);
    }
    if (ring.incremental && this.#receivesMessages(entry)) throw incrementalError();
    const kind = this.#bufferKinds.get(ring) ?? new BufferKind(ring, files);
    this.#bufferKinds.set(ring, kind);
    return kind;
  }

  /** Whether what comes are messages, whose end is lost where it finds no room; MSG_TRUNC is for those, on whatever socket. */
  #receivesMessages(entry: Entry): boolean {
    const { opcode, opFlags } = entry;
    if (opcode === IORING_OP_RECVMSG || (opcode === IORING_OP_RECV && (opFlags & MSG_TRUNC) !== 0)) return true;
    return hasMessages(this.#parts.files.socketTypeOf(entry));
  }
}

/** Operations that may be started again where they are no multishots: nothing is lost or done twice by that. */
const REPEATABLE = new Set([IORING_OP_ACCEPT, IORING_OP_POLL_ADD]);

/** What selects a buffer completes once, but has no promise to bring it by. */
function mayRepeat({ multishot, opcode, flags }: Entry): boolean {
  return multishot || (flags & IOSQE_BUFFER_SELECT) !== 0 || REPEATABLE.has(opcode);
}

function onceOnly({ opcode }: Entry): PolyringError {
  return new PolyringError(
    'ERR_POLYRING_UNSUPPORTED',
    `This ${opcodeName(opcode)} entry completes once, and would be done again and again here. Submit it by ioUringSubmit().`,
  );
}

/** Operations of which one may use several buffers. */
const BUNDLING = new Set([IORING_OP_RECV, IORING_OP_SEND]);

function incrementalError(): PolyringError {
  return new PolyringError(
    'ERR_POLYRING_UNSUPPORTED',
    'An incremental ring is for the bytes of streams: the end of a message that finds no room in the rest of a buffer is lost. ' +
      'Use a ring that is not incremental.',
  );
}

function bundleError({ opcode }: Entry): PolyringError {
  return new PolyringError(
    'ERR_POLYRING_UNSUPPORTED',
    `A bundle of ${opcodeName(opcode)} uses several buffers and names the first. Submit it without IORING_RECVSEND_BUNDLE, ` +
      'and with larger buffers if it is for fewer completions.',
  );
}

/** What the kernel must have for a multishot beside its opcode. */
const FEATURE_OF: ReadonlyMap<number, LaterFeature> = new Map<number, LaterFeature>([
  [IORING_OP_RECV, 'recvMultishot'],
  [IORING_OP_RECVMSG, 'recvMultishot'],
  [IORING_OP_TIMEOUT, 'timeoutMultishot'],
]);
