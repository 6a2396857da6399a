import type { Driver, RawFd } from '@polyring/core';
import { checkPollable, fdKind } from '@polyring/sys';
import { requireNonblocking } from '../transfer/adopt.js';
import type { FileIo } from './file-io.js';
import { hasFileRing, RingIo } from './ring-io.js';
import { StreamIo } from './stream-io.js';
import { ThreadPoolIo } from './thread-pool-io.js';

/**
 * How the I/O of a descriptor is done: by the ring, in the thread pool, or by readiness for what has no positions.
 *
 * @throws EBADF; ERR_POLYRING_BLOCKING_FD
 */
export function ioOf(driver: Driver, fd: RawFd): FileIo {
  const pool = new ThreadPoolIo(driver, fd);
  if (isStream(fd)) {
    requireNonblocking(fd);
    return new StreamIo(driver, pool);
  }
  return hasFileRing(driver) ? new RingIo(driver, pool) : pool;
}

/**
 * Whether a descriptor has no positions and can be waited for. `/dev/null` cannot, and does not have to. What was opened
 * with O_PATH, such as a link itself, is open for no I/O, as its calls will say.
 */
export function isStream(fd: RawFd): boolean {
  const kind = fdKind(fd);
  if (kind === 'file' || kind === 'directory' || kind === 'block') return false;
  try {
    checkPollable(fd);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EPERM' || code === 'EBADF') return false;
    throw error;
  }
}
