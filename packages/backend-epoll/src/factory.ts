import type { Availability, BackendFactory, Driver, DriverOptions } from '@polyring/core';
import { addonError } from '@polyring/sys';
import { createEpollDriver, NAME } from './driver.js';

/** The backend on epoll: for every Linux, and for what selection falls back to. */
export const epollBackend: BackendFactory = {
  name: NAME,
  priority: 100,
  minimumOpcodes: [],

  availability(): Availability {
    if (process.platform !== 'linux') {
      return {
        available: false,
        exhausted: false,
        code: 'epoll-not-linux',
        reason: `epoll is Linux's, and this is ${process.platform}.`,
        remedy: 'Use Linux.',
      };
    }
    if (addonError !== undefined) {
      return {
        available: false,
        exhausted: false,
        code: 'epoll-addon-missing',
        reason: 'The native addon of @polyring/sys could not be loaded.',
        remedy: addonError.remedy,
        cause: addonError,
      };
    }
    return { available: true };
  },

  create(options?: DriverOptions): Driver {
    return createEpollDriver(options);
  },
};
