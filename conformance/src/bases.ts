import { epollBackend } from '@polyring/backend-epoll';
import { uringBackend } from '@polyring/backend-uring';
import type { BackendFactory } from '@polyring/core';
import { stormyBackend } from './seams/bad-weather.js';
import { overlay } from './seams/overlay.js';

/** The unbroken backends. `stormy` is `uring` in bad weather. The drivers of the busy ones poll busily. */
export type BaseName = 'epoll' | 'uring' | 'stormy' | 'busy-epoll' | 'busy-uring';

/** Microseconds for which a busy driver looks for events before its thread sleeps. */
const BUSY_POLL = 50;

/** The unbroken backends by their names. */
export const bases: Readonly<Record<BaseName, BackendFactory>> = {
  epoll: epollBackend,
  uring: uringBackend,
  stormy: stormyBackend,
  'busy-epoll': busy(epollBackend),
  'busy-uring': busy(uringBackend),
};

function busy(backend: BackendFactory): BackendFactory {
  return overlay(backend, { create: (options) => backend.create({ busyPoll: BUSY_POLL, ...options }) });
}
