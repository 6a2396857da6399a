import { THIS_NODE } from '../processes/runtimes.js';

// What rivals of several cases are called. Targets name them.

export const URING = 'Polyring, io_uring';
export const EPOLL = 'Polyring, epoll';
/** Microseconds for which those that poll busily look for events before they sleep. */
export const BUSY_POLL = 50;
export const PROMISES = `fs/promises, ${THIS_NODE.name}`;
export const NET = `node:net, ${THIS_NODE.name}`;
