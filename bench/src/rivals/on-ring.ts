import { uringBackend } from '@polyring/backend-uring';
import type { IoUringFeature } from '@polyring/core';
import { MissingRival } from '../missing-rival.js';
import type { Rival } from './rival.js';

/**
 * A rival that needs a ring, and is missing for the reason that the backend gives where it cannot have one.
 *
 * @param features what the kernel must have as well
 */
export function onRing(rival: Rival, features: readonly IoUringFeature[] = []): Rival {
  return {
    ...rival,
    async start(workshop) {
      const availability = uringBackend.availability();
      if (!availability.available) throw new MissingRival(`${availability.reason} ${availability.remedy}`);
      const lack = features.length === 0 ? undefined : await firstLack(features);
      if (lack !== undefined) throw new MissingRival(`The kernel lacks io_uring's ${lack}.`);
      return rival.start(workshop);
    },
  };
}

async function firstLack(features: readonly IoUringFeature[]): Promise<IoUringFeature | undefined> {
  await using driver = uringBackend.create();
  return features.find((feature) => !driver.ioUring.features[feature]);
}
