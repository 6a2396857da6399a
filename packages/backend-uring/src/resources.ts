import type {
  CompletionSink,
  Entry,
  IoUringFeatures,
  IoUringResources,
  MultishotControl,
  PoolStatistics,
} from '@polyring/core';
import type { KernelFeatures } from './features.js';
import type { Pool } from './memory/pool.js';
import type { Multishots } from './multishot/multishots.js';

/** What the ring offers beyond single operations. */
export class Resources implements IoUringResources {
  readonly #features: KernelFeatures;
  readonly #multishots: Multishots;
  readonly #pool: Pool;
  readonly #checkEntry: (entry: Entry) => void;

  constructor(parts: {
    features: KernelFeatures;
    multishots: Multishots;
    pool: Pool;
    checkEntry: (entry: Entry) => void;
  }) {
    this.#features = parts.features;
    this.#multishots = parts.multishots;
    this.#pool = parts.pool;
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
}
