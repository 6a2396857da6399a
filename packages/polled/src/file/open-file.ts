import { close, constants, open } from 'node:fs';
import {
  AbortError,
  closedError,
  type Driver,
  IORING_OP_OPENAT,
  openat,
  type PollOptions,
  type RawFd,
  systemError,
} from '@polyring/core';
import { close as closeNow, fdKind } from '@polyring/sys';

const { O_NONBLOCK, O_RDWR, O_WRONLY } = constants;

/** How a file is opened; the path has no null byte and is not too long. */
interface Opening {
  readonly path: string | Buffer;
  readonly flags: number;
  readonly mode: number;
  readonly limits: PollOptions | undefined;
}

/** Opens a path through the ring, or else in the thread pool. */
export function openFile(driver: Driver, opening: Opening): Promise<RawFd> {
  if (driver.closed) throw closedError(driver.name);
  return driver.ioUringProbe(IORING_OP_OPENAT) ? openByRing(driver, opening) : openInPool(opening);
}

/**
 * Where the path is cached, the ring opens a named pipe at once, as with O_NONBLOCK: without a reader that fails, and
 * without a writer it does not wait for one, as open(2) does. Both are made good in a thread of the kernel.
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
    return await submitOpen(driver, { ...opening, path: `/proc/self/fd/${fd}` }, true);
  } finally {
    closeNow(fd);
  }
}

async function submitOpen(driver: Driver, { path, flags, mode, limits }: Opening, async: boolean): Promise<RawFd> {
  try {
    return await driver.ioUringSubmit(openat(path, flags, { mode, async }), limits);
  } catch (error) {
    const { errno, syscall } = error as NodeJS.ErrnoException;
    throw errno !== undefined && syscall === 'openat' ? systemError(errno, 'open', { path: String(path) }) : error;
  }
}

/** An open that waits, as for the other end of a named pipe, cannot be ended: what comes of it is closed then. */
function openInPool({ path, flags, mode, limits }: Opening): Promise<RawFd> {
  const signal = limits?.signal;
  return new Promise((resolve, reject) => {
    let aborted = false;
    const abort = (): void => {
      aborted = true;
      reject(new AbortError(signal?.reason));
    };
    signal?.addEventListener('abort', abort, { once: true });
    open(path, flags, mode, (error, fd) => {
      signal?.removeEventListener('abort', abort);
      if (error !== null) reject(systemError(error.errno ?? 0, 'open', { path: String(path) }));
      else if (aborted) close(fd);
      else resolve(fd);
    });
  });
}
