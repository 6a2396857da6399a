import type { Availability, BackendFactory, Driver } from '@polyring/core';
import { addonError } from '@polyring/sys';
import { createPollDriver, NAME } from './driver.js';

/** The backend on poll(2). It ranks below Polyring's own, so it is taken where configuration names it. */
export const pollBackend: BackendFactory = {
  name: NAME,
  priority: 50,
  minimumOpcodes: [],

  availability(): Availability {
    if (process.platform !== 'linux') {
      return unavailable('poll-not-linux', `This is ${process.platform}, and the backend is for Linux.`, 'Use Linux.');
    }
    if (addonError !== undefined) {
      return unavailable(
        'poll-addon-missing',
        'The native addon of @polyring/sys could not be loaded.',
        addonError.remedy,
        addonError,
      );
    }
    if (process.permission?.has('worker') === false) {
      return unavailable(
        'poll-no-workers',
        "Node's permission model forbids worker threads.",
        'Run node with --allow-worker.',
      );
    }
    return { available: true };
  },

  create(): Driver {
    return createPollDriver();
  },
};

function unavailable(code: string, reason: string, remedy: string, cause?: unknown): Availability {
  return { available: false, exhausted: false, code, reason, remedy, ...(cause === undefined ? {} : { cause }) };
}
