import {
  type Availability,
  type BackendFactory,
  type Driver,
  type DriverOptions,
  IORING_OP_ASYNC_CANCEL,
  IORING_OP_NOP,
  IORING_OP_POLL_ADD,
  IORING_OP_READ,
  IORING_OP_TIMEOUT,
  IORING_OP_TIMEOUT_REMOVE,
  isUringDisabled,
  KILLED,
  PolyringError,
} from '@polyring/core';
import { addonError } from '@polyring/sys';
import { createDriverOver, NAME } from './driver.js';
import { loadBinding } from './kernel/binding.js';
import { thisMachine } from './kernel/machine.js';
import { explainRefusal, explainSysAddon, withReason } from './kernel/refusal.js';
import { tryRing } from './kernel/trial-ring.js';

/** The backend on io_uring. */
export const uringBackend: BackendFactory = {
  name: NAME,
  priority: 200,
  minimumOpcodes: [
    IORING_OP_NOP,
    IORING_OP_POLL_ADD,
    IORING_OP_TIMEOUT,
    IORING_OP_TIMEOUT_REMOVE,
    IORING_OP_ASYNC_CANCEL,
    IORING_OP_READ,
  ],

  availability(): Availability {
    if (process.platform !== 'linux') {
      return {
        available: false,
        exhausted: false,
        code: 'uring-not-linux',
        reason: `io_uring is Linux's, and this is ${process.platform}.`,
        remedy: 'Use Linux 5.19 or later.',
      };
    }
    if (isUringDisabled(process.env)) return KILLED;
    try {
      const binding = loadBinding();
      if (addonError !== undefined) return explainSysAddon(addonError);
      tryRing(binding);
      return { available: true };
    } catch (error) {
      return explainRefusal(error, thisMachine);
    }
  },

  create(options?: DriverOptions): Driver {
    if (isUringDisabled(process.env)) {
      throw new PolyringError('ERR_POLYRING_BACKEND_UNAVAILABLE', `${KILLED.reason} ${KILLED.remedy}`);
    }
    const binding = loadBinding();
    if (addonError !== undefined) throw addonError;
    try {
      return createDriverOver(binding, options);
    } catch (error) {
      throw withReason(error, thisMachine);
    }
  },
};
