import { isMainThread } from 'node:worker_threads';
import type { Driver, DriverOptions } from '@polyring/core';
import { isReady, say } from './serve.js';

/** Codes of errors that tell of the machine, and of what it grants to this process. */
const REFUSALS: readonly (string | undefined)[] = ['EMFILE', 'ENFILE', 'ENOMEM', 'EPERM'];

// A worker's error comes to the first thread, which knows how far the contestant is.
if (isMainThread) {
  process.on('uncaughtExceptionMonitor', ({ code, message }: NodeJS.ErrnoException) => {
    if (!isReady && REFUSALS.includes(code)) endMissing(message);
  });
}

/** The driver of a backend, which alone is loaded. Where this machine refuses it, the contestant says so and ends. */
export async function driverFor(backend: 'uring' | 'epoll', options?: DriverOptions): Promise<Driver> {
  const { default: factory } =
    backend === 'uring' ? await import('@polyring/backend-uring') : await import('@polyring/backend-epoll');
  const availability = factory.availability();
  if (!availability.available) endMissing(`${availability.reason} ${availability.remedy}`);
  return factory.create(options);
}

function endMissing(why: string): never {
  say({ missing: why });
  process.exit(0);
}
