import type { IoUringResources, Multishot } from '@polyring/core';
import { MultishotOperation } from '../../../packages/backend-uring/dist/multishot/operation.js';
import type { Change } from './change.js';
import { inside, replaceMethod } from './internals.js';
import { overlay } from './overlay.js';
import { inDrivers } from './parts.js';

/** Completes a multishot operation once, as it should be. */
type Complete = (result: number, flags: number) => void;

/** A change of completions of multishot operations: gets each, what completes it as it should, and its operation. */
export function inCompletions(
  change: (result: number, flags: number, complete: Complete, operation: MultishotOperation) => void,
): Change {
  return inside(() =>
    replaceMethod(MultishotOperation.prototype, 'complete', (complete) => {
      return function (this: MultishotOperation, result, flags) {
        change(result, flags, (...args) => complete.apply(this, args), this);
      };
    }),
  );
}

/** A change of iterations: gets each, and returns what it does otherwise. */
export function inIterations(
  change: (iteration: Multishot, signal: AbortSignal | undefined) => Partial<Multishot>,
): Change {
  return inDrivers((driver) => ({
    multishot: (entry, options) => {
      const iteration = driver.multishot(entry, options);
      return overlay(iteration, change(iteration, options?.signal));
    },
  }));
}

/** A change of what a ring offers beyond single operations. */
export function inResources(change: (resources: IoUringResources) => Partial<IoUringResources>): Change {
  return inDrivers((driver) => ({
    get ioUring() {
      const resources = driver.ioUring;
      return overlay(resources, change(resources));
    },
  }));
}

/** Whether something has the methods of a sink. */
export function isSink<T>(sink: T | undefined, ...methods: readonly (keyof T)[]): boolean {
  return methods.every((method) => typeof sink?.[method] === 'function');
}
