import { epollBackend } from '@polyring/backend-epoll';
import { uringBackend } from '@polyring/backend-uring';
import type { BackendFactory } from '@polyring/core';
import type { BaseName } from './mutant.js';
import { stormyBackend } from './seams/bad-weather.js';

/** The unbroken backends. */
export const bases: Readonly<Record<BaseName, BackendFactory>> = {
  epoll: epollBackend,
  uring: uringBackend,
  stormy: stormyBackend,
};
