import {
  type BufferRing,
  type BufferRingOptions,
  type CompletionSink,
  checkFd,
  checkObject,
  type Entry,
  type FileTable,
  type FileTableOptions,
  type IoUringFeatures,
  type IoUringResources,
  invalidArgType,
  type LoopHold,
  type MultishotControl,
  type PoolStatistics,
  type RawFd,
  type Remote,
  type RemoteHandle,
  type Sender,
  type SendSink,
  type WorkerLimits,
} from '@polyring/core';
import type { BufferRings } from './buffer-ring/buffer-rings.js';
import type { Engine } from './engine/engine.js';
import type { Files } from './files/files.js';
import type { KernelFeatures } from './kernel/features.js';
import type { Pool } from './memory/pool.js';
import type { Multishots } from './multishot/multishots.js';
import type { Remotes } from './remote/remotes.js';
import { RingSender } from './sender.js';
import type { Admission } from './submission/admission.js';
import type { Workers } from './workers/workers.js';

/** Who does what is asked of {@link Resources}. */
export interface ResourcesParts {
  readonly features: KernelFeatures;
  readonly multishots: Multishots;
  readonly pool: Pool;
  readonly bufferRings: BufferRings;
  readonly remotes: Remotes;
  readonly files: Files;
  readonly workers: Workers;
  readonly admission: Pick<Admission, 'check'>;
  readonly engine: Engine;
  readonly hold: LoopHold;
}

/** What the ring offers beyond single operations. */
export class Resources implements IoUringResources {
  readonly #parts: ResourcesParts;

  constructor(parts: ResourcesParts) {
    this.#parts = parts;
  }

  get features(): IoUringFeatures {
    return this.#parts.features.supported;
  }

  get pool(): PoolStatistics {
    return this.#parts.pool.statistics;
  }

  multishotInto(entry: Entry, sink: CompletionSink): MultishotControl {
    const { admission, multishots } = this.#open();
    checkSink(sink, ['completed', 'ended']);
    admission.check(entry);
    return multishots.start(entry, sink);
  }

  sender(socket: RawFd, sink: SendSink): Sender {
    const { features, engine } = this.#open();
    checkFd(socket, 'socket');
    checkSink(sink, ['sent', 'failed']);
    features.require('sender');
    engine.checkOpen();
    return new RingSender(socket, sink, this.#parts);
  }

  bufferRing(options?: BufferRingOptions): BufferRing {
    return this.#open().bufferRings.make(options);
  }

  remote(handle: RemoteHandle): Remote {
    return this.#open().remotes.reach(handle);
  }

  fileTable(options?: FileTableOptions): FileTable {
    return this.#open().files.make(options);
  }

  workerLimits(limits?: Partial<WorkerLimits>): WorkerLimits {
    return this.#open().workers.limit(limits);
  }

  workerAffinity(processors: readonly number[] | undefined): void {
    this.#open().workers.pin(processors);
  }

  /** A driver that was closed says so first. Who reads what is given looks once more, as a getter of it may close the driver. */
  #open(): ResourcesParts {
    this.#parts.engine.checkOpen();
    return this.#parts;
  }
}

/** Throws unless the sink can be told by these methods. */
function checkSink<Sink extends object>(sink: Sink, methods: readonly (keyof Sink & string)[]): void {
  checkObject(sink, 'sink');
  for (const method of methods) {
    if (typeof sink[method] !== 'function') throw invalidArgType(`sink.${method}`, 'of type function', sink[method]);
  }
}
