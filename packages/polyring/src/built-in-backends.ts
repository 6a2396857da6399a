import type { DeferredBackend } from '@polyring/core';

/** Polyring's own backends. Each is loaded when its turn comes, so choosing epoll never loads the addon of io_uring. */
export const builtInBackends: readonly DeferredBackend[] = [
  {
    name: 'uring',
    priority: 200,
    usesIoUring: true,
    load: async () => (await import('@polyring/backend-uring')).default,
  },
  {
    name: 'epoll',
    priority: 100,
    usesIoUring: false,
    load: async () => (await import('@polyring/backend-epoll')).default,
  },
];
