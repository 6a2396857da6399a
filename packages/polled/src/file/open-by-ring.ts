import { type Driver, openat, type RawFd, systemError } from '@polyring/core';
import { own } from '@polyring/sys';
import type { Opening } from './opening.js';

/** Opens a path through the ring. */
export async function openByRing(driver: Driver, { path, flags, mode, limits }: Opening): Promise<RawFd> {
  try {
    const fd = await driver.ioUringSubmit(openat(path, flags, { mode }), limits);
    own(fd);
    return fd;
  } catch (error) {
    const { errno, syscall } = error as NodeJS.ErrnoException;
    throw errno !== undefined && syscall === 'openat' ? systemError(errno, 'open', { path: String(path) }) : error;
  }
}
