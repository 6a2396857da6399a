import { checkInteger, checkObject, type WorkerLimits } from '@polyring/core';
import type { Engine } from '../engine/engine.js';
import {
  IORING_REGISTER_IOWQ_AFF,
  IORING_REGISTER_IOWQ_MAX_WORKERS,
  IORING_UNREGISTER_IOWQ_AFF,
} from '../kernel/abi.js';
import type { NativeRing } from '../kernel/binding.js';
import { register } from '../kernel/register.js';
import { processorMask } from './processors.js';

const INT32_MAX = 0x7fffffff;

/** The kernel's worker threads for the calling thread. */
export class Workers {
  readonly #native: Pick<NativeRing, 'register'>;
  readonly #engine: Pick<Engine, 'checkOpen'>;

  constructor(native: Pick<NativeRing, 'register'>, engine: Pick<Engine, 'checkOpen'>) {
    this.#native = native;
    this.#engine = engine;
  }

  limit(limits: Partial<WorkerLimits> = {}): WorkerLimits {
    checkObject(limits, 'limits');
    const { bounded, unbounded } = limits;
    if (bounded !== undefined) checkInteger(bounded, 'limits.bounded', 1, INT32_MAX);
    if (unbounded !== undefined) checkInteger(unbounded, 'limits.unbounded', 1, INT32_MAX);
    this.#engine.checkOpen();
    this.#exchange(bounded ?? 0, unbounded ?? 0);
    return this.#exchange(0, 0);
  }

  pin(processors: readonly number[] | undefined): void {
    const mask = processors === undefined ? undefined : processorMask(processors);
    this.#engine.checkOpen();
    if (mask === undefined) register(this.#native, IORING_UNREGISTER_IOWQ_AFF, null, 0);
    else register(this.#native, IORING_REGISTER_IOWQ_AFF, mask, mask.length);
  }

  /** Sets what is not 0, and tells what held before. */
  #exchange(bounded: number, unbounded: number): WorkerLimits {
    const limits = Uint32Array.of(bounded, unbounded);
    register(this.#native, IORING_REGISTER_IOWQ_MAX_WORKERS, limits, 2);
    return { bounded: limits[0] as number, unbounded: limits[1] as number };
  }
}
