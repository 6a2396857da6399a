import { uringBackend } from '@polyring/backend-uring';
import { MissingRival } from '../missing-rival.js';
import type { Rival } from './rival.js';

/** A rival that needs a ring, and is missing for the reason that the backend gives where it cannot have one. */
export function onRing(rival: Rival): Rival {
  return {
    ...rival,
    async start(workshop) {
      const availability = uringBackend.availability();
      if (!availability.available) throw new MissingRival(`${availability.reason} ${availability.remedy}`);
      return rival.start(workshop);
    },
  };
}
