import type {
  BufferRing,
  BufferRingOptions,
  CompletionSink,
  Entry,
  IoUringFeatures,
  IoUringResources,
  MultishotControl,
  PoolStatistics,
  Remote,
  RemoteHandle,
} from '@polyring/core';
import type { BufferRings } from './buffer-ring/buffer-rings.js';
import type { KernelFeatures } from './features.js';
import type { Pool } from './memory/pool.js';
import type { Multishots } from './multishot/multishots.js';
import type { Remotes } from './remote/remotes.js';

/** What the ring offers beyond single operations. */
export class Resources implements IoUringResources {
  readonly #features: KernelFeatures;
  readonly #multishots: Multishots;
  readonly #pool: Pool;
  readonly #bufferRings: BufferRings;
  readonly #remotes: Remotes;
  readonly #checkEntry: (entry: Entry) => void;

  constructor(parts: {
    features: KernelFeatures;
    multishots: Multishots;
    pool: Pool;
    bufferRings: BufferRings;
    remotes: Remotes;
    checkEntry: (entry: Entry) => void;
  }) {
    this.#features = parts.features;
    this.#multishots = parts.multishots;
    this.#pool = parts.pool;
    this.#bufferRings = parts.bufferRings;
    this.#remotes = parts.remotes;
    this.#checkEntry = parts.checkEntry;
  }

  get features(): IoUringFeatures {
    return this.#features.supported;
  }

  get pool(): PoolStatistics {
    return this.#pool.statistics;
  }

  multishotInto(entry: Entry, sink: CompletionSink): MultishotControl {
    this.#checkEntry(entry);
    return this.#multishots.start(entry, sink);
  }

  bufferRing(options?: BufferRingOptions): BufferRing {
    return this.#bufferRings.make(options);
  }

  remote(handle: RemoteHandle): Remote {
    return this.#remotes.reach(handle);
  }
}
