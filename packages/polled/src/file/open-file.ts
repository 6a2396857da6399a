import { constants } from 'node:fs';
import { closedError, type Driver, IORING_OP_OPENAT, openat, type RawFd, systemError } from '@polyring/core';
import { close, fdKind, own } from '@polyring/sys';
import { type Opening, openByPool } from './open-by-pool.js';
import { untilWriter } from './other-end.js';

const { O_NONBLOCK, O_RDWR, O_WRONLY } = constants;

/** Opens a path through the ring, or else in the thread pool. */
export function openFile(driver: Driver, opening: Opening): Promise<RawFd> {
  if (driver.closed) throw closedError(driver.name);
  return driver.ioUringProbe(IORING_OP_OPENAT) ? openByRing(driver, opening) : openByPool(driver, opening);
}

/**
 * Where the path is cached, the ring opens a named pipe at once, as with O_NONBLOCK: without a reader that fails, and
 * without a writer it does not wait for one, as open(2) does. The first is made good in a thread of the kernel. For the
 * second a writer is looked for on what was opened: it may have come and gone before anything else was.
 */
async function openByRing(driver: Driver, opening: Opening): Promise<RawFd> {
  const waits = (opening.flags & O_NONBLOCK) === 0;
  let fd: RawFd;
  try {
    fd = await submitOpen(driver, opening, false);
  } catch (error) {
    if (!waits || (error as NodeJS.ErrnoException).code !== 'ENXIO') throw error;
    return await submitOpen(driver, opening, true);
  }
  if (!waits || (opening.flags & (O_RDWR | O_WRONLY)) !== 0 || fdKind(fd) !== 'fifo') return fd;
  try {
    await untilWriter(driver, fd, opening.limits);
    return fd;
  } catch (error) {
    close(fd);
    throw error;
  }
}

async function submitOpen(driver: Driver, { path, flags, mode, limits }: Opening, async: boolean): Promise<RawFd> {
  try {
    const fd = await driver.ioUringSubmit(openat(path, flags, { mode, async }), limits);
    own(fd);
    return fd;
  } catch (error) {
    const { code, errno, syscall } = error as NodeJS.ErrnoException;
    if (code === 'ECANCELED' && driver.closed) throw closedError(driver.name);
    throw errno !== undefined && syscall === 'openat' ? systemError(errno, 'open', { path: String(path) }) : error;
  }
}
