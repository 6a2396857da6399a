import type { Driver, DriverOptions } from '@polyring/core';
import { say } from './serve.js';

/** The driver of a backend, which alone is loaded. Where this machine refuses it, the contestant says so and ends. */
export async function driverFor(backend: 'uring' | 'epoll', options?: DriverOptions): Promise<Driver> {
  const { default: factory } =
    backend === 'uring' ? await import('@polyring/backend-uring') : await import('@polyring/backend-epoll');
  const availability = factory.availability();
  if (!availability.available) {
    say({ missing: availability.reason });
    process.exit(0);
  }
  return factory.create(options);
}
