import {
  type BufferRing,
  type BufferRingOptions,
  checkInteger,
  checkObject,
  Errno,
  flag,
  outOfRange,
  PolyringError,
} from '@polyring/core';
import type { Engine } from '../engine/engine.js';
import { BUF_STATUS_WORDS, IORING_REGISTER_PBUF_STATUS } from '../kernel/abi.js';
import type { NativeRing } from '../kernel/binding.js';
import type { KernelFeatures } from '../kernel/features.js';
import type { CustodyMemory } from '../memory/custody-memory.js';
import { type BufferRingHost, type BufferRingSize, ProvidedBufferRing } from './buffer-ring.js';

const DEFAULT_ENTRIES = 256;
const LARGEST_RING = 32768;
const DEFAULT_BUFFER_SIZE = 4096;
const LARGEST_BUFFER = 2 ** 30;
/** The first group of the driver's choosing. From there down, as who provides buffers himself is likely to begin with 0. */
const LAST_GROUP = 0xfffe;

/** The buffer rings of a driver, by their group. */
export class BufferRings implements BufferRingHost {
  readonly native: Pick<NativeRing, 'register'>;
  readonly memory: CustodyMemory;
  readonly #engine: Engine;
  readonly #features: KernelFeatures;
  readonly #rings = new Map<number, ProvidedBufferRing>();
  /** Groups that are, or were, none of the driver's making: an operation may wait for their buffers, and would take a ring's. */
  readonly #strangers = new Set<number>();
  /** The group to try next: that of a closed ring, which an entry may still name, comes last. */
  #next = LAST_GROUP;

  constructor(parts: { native: NativeRing; memory: CustodyMemory; engine: Engine; features: KernelFeatures }) {
    this.native = parts.native;
    this.memory = parts.memory;
    this.#engine = parts.engine;
    this.#features = parts.features;
  }

  get ended(): boolean {
    return !this.#engine.open;
  }

  behindTold(task: () => void): void {
    this.#engine.behindTold(task);
  }

  make(options: BufferRingOptions = {}): BufferRing {
    checkObject(options);
    const { entries = DEFAULT_ENTRIES, bufferSize = DEFAULT_BUFFER_SIZE } = options;
    checkInteger(entries, 'options.entries', 1, LARGEST_RING);
    if ((entries & (entries - 1)) !== 0) throw outOfRange('options.entries', 'a power of two', entries);
    checkInteger(bufferSize, 'options.bufferSize', 1, LARGEST_BUFFER);
    const incremental = flag(options, 'incremental', false);
    this.#engine.checkOpen();
    this.#features.require('bufferRing');
    if (incremental) this.#features.require('incrementalBuffers');
    const ring = this.#make({ entries, bufferSize, incremental });
    this.#rings.set(ring.group, ring);
    return ring;
  }

  /** The ring of a group; undefined if it is none of the driver's making. */
  find(group: number): ProvidedBufferRing | undefined {
    return this.#rings.get(group);
  }

  /**
   * Whether the kernel has a group that is none of the driver's making, as `provideBuffers` makes them. Before Linux 6.8 it
   * does not tell, and this is true.
   */
  mayHave(group: number): boolean {
    // One that is about to be made is still queued.
    this.#engine.submitNow();
    const status = Uint32Array.of(group, ...new Array(BUF_STATUS_WORDS - 1).fill(0));
    if (this.native.register(IORING_REGISTER_PBUF_STATUS, status, 1) === Errno.ENOENT) return false;
    this.#strangers.add(group);
    return true;
  }

  closed(ring: ProvidedBufferRing): void {
    this.#rings.delete(ring.group);
  }

  #make(size: BufferRingSize): ProvidedBufferRing {
    for (let tries = 0; tries <= LAST_GROUP; tries += 1) {
      const group = this.#next;
      this.#next = group === 0 ? LAST_GROUP : group - 1;
      if (this.#rings.has(group) || this.#strangers.has(group)) continue;
      try {
        return new ProvidedBufferRing(group, size, this);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).errno !== Errno.EEXIST) throw error;
        this.#strangers.add(group);
      }
    }
    throw new PolyringError('ERR_POLYRING_POOL_EXHAUSTED', 'The ring has 65,535 groups of buffers. Close one of them.');
  }
}
