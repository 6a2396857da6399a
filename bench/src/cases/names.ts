import { THIS_NODE } from '../rivals/runtimes.js';

// What rivals of several cases are called. Targets name them.

export const URING = 'Polyring, io_uring';
export const EPOLL = 'Polyring, epoll';
export const PROMISES = `fs/promises, ${THIS_NODE.name}`;
export const NET = `node:net, ${THIS_NODE.name}`;
